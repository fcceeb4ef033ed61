//! Signing in at a provider of identities: a double of one over TLS, and what it may not get away with.

mod browsers;
mod people;
mod tokens;
mod troubles;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_api::{IdentityTransport, ProviderAnswer, ProviderCall, ProviderCalling, Unreachable};
use gatehouse_config::{Config, SignInConfig};
use gatehouse_store::accounts::Role;
use gatehouse_testkit::client::{RawClient, request};
use gatehouse_testkit::identity::{CLIENT_ID, CLIENT_SECRET};
use gatehouse_testkit::{IdentityDouble, TestCa};
use gatehouse_upstream::{AddressGuard, Connector, Fetcher, Resolver, client_config};
use hyper::Request;
use hyper::header::{LOCATION, SET_COOKIE};
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::client::{Answer, Call, TestApi};
use crate::installation::{BOTH_KEY, Installation, ours};

const START: &str = "/v1/account/oidc/start";
const CALLBACK: &str = "/v1/account/oidc/callback";
/// How long the provider is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// What lets people of the double in.
const OPEN: &str = "allowed_domains = [\"example.com\"]";

/// Calls the double as the server does.
struct Transport(Fetcher);

impl Transport {
    fn new(ca: &TestCa, timeout: Duration) -> Result<Self> {
        let guard = AddressGuard::new(vec!["127.0.0.0/8".parse()?]);
        let resolver = Arc::new(Resolver::new(guard, HashMap::new(), None)?);
        let tls = client_config(Some(ca.pem().as_bytes()), true)?;
        let connector = Arc::new(Connector::new(resolver, tls, timeout));
        Ok(Self(Fetcher::new(connector, timeout, 256 << 10, TaskTracker::new())))
    }

    async fn fetch(&self, call: &ProviderCall) -> Result<ProviderAnswer> {
        let mut request = Request::builder().uri(&call.url);
        if let Some(authorization) = &call.authorization {
            request = request.header("authorization", authorization.expose());
        }
        let method = if call.form.is_some() { "POST" } else { "GET" };
        let form = call.form.as_ref().map(|form| form.expose().clone()).unwrap_or_default();
        let fetched = self.0.fetch(request.method(method).body(form.into())?).await?;
        Ok(ProviderAnswer { status: fetched.status.as_u16(), body: fetched.body })
    }
}

impl IdentityTransport for Transport {
    fn call<'a>(&'a self, call: &'a ProviderCall) -> ProviderCalling<'a> {
        Box::pin(async move { self.fetch(call).await.map_err(|error| Unreachable(error.to_string())) })
    }
}

/// An API at which people sign in by a double.
struct House {
    api: TestApi,
    double: IdentityDouble,
    ca: TestCa,
}

/// A browser on its way: the cookie that it keeps, and where it was sent.
struct Trip {
    cookie: String,
    location: String,
}

impl House {
    /// Opens one with further lines of the section `[sign_in.oidc]`, and an owner.
    async fn open(settings: &str) -> Result<Self> {
        let house = Self::empty(settings, PATIENCE).await?;
        house.api.person(ours(), Role::Owner, true).await?;
        Ok(house)
    }

    /// Opens one without people, where the provider is waited for so long.
    async fn empty(settings: &str, timeout: Duration) -> Result<Self> {
        let ca = TestCa::temporary()?;
        let double = IdentityDouble::start(&ca).await?;
        let mut installation = Installation::two_organizations().await?;
        let config = config(&double, settings)?;
        installation.identities = Some((config, Arc::new(Transport::new(&ca, timeout)?)));
        let api = TestApi::with_installation(Vec::new(), installation).await?;
        Ok(Self { api, double, ca })
    }

    /// Begins to sign in.
    async fn start(&self, query: &str) -> Result<Trip> {
        let answer = self.api.send(Call::get(&format!("{START}{query}"))).await?;
        ensure!(answer.status == 303, "{} {}", answer.status, answer.text());
        let location = answer.header(LOCATION).to_owned();
        let cookie = answer.header(SET_COOKIE).split(';').next().unwrap_or_default().to_owned();
        Ok(Trip { cookie, location })
    }

    /// Goes to the provider and returns the query that it sends a browser back with.
    async fn visit(&self, location: &str) -> Result<String> {
        let path = location.strip_prefix(self.double.issuer()).with_context(|| location.to_owned())?;
        let mut browser = RawClient::connect_tls(self.double.address(), "localhost", &self.ca).await?;
        let answer = browser.exchange(request("GET", path, &[("Host", "localhost")], b"")).await?;
        let back = answer.head.headers.text("location").with_context(|| format!("{answer:?}"))?;
        let query = back.strip_prefix(&format!("http://gatehouse.test{CALLBACK}?"));
        query.map(str::to_owned).context(back)
    }

    /// Comes back from the provider.
    async fn come_back(&self, cookie: &str, query: &str) -> Result<Answer> {
        let call = Call::get(&format!("{CALLBACK}?{query}")).header("cookie", cookie);
        self.api.send(call.header("sec-fetch-site", "cross-site").header("user-agent", "browser")).await
    }

    /// Signs in as whom the provider lets in.
    async fn sign_in(&self) -> Result<Answer> {
        let trip = self.start("").await?;
        let query = self.visit(&trip.location).await?;
        self.come_back(&trip.cookie, &query).await
    }

    /// Signs in, and is not let in for this reason.
    async fn refused(&self, problem: &str) -> Result<()> {
        let answer = self.sign_in().await?;
        is_refused(&answer, problem)
    }

    /// Signs in and returns the account.
    async fn account(&self) -> Result<Value> {
        let answer = self.sign_in().await?;
        self.account_of(&answer).await
    }

    /// Returns the account that an answer's cookie signs in.
    async fn account_of(&self, answer: &Answer) -> Result<Value> {
        let (status, location) = (answer.status, answer.header(LOCATION));
        ensure!(status == 303 && !location.contains("problem"), "{status} {location} {}", answer.text());
        let cookie = format!("gatehouse_session={}", session(answer)?);
        let account = self.api.send(Call::get("/v1/account").header("cookie", cookie)).await?;
        ensure!(account.status == 200, "{}", account.text());
        account.json()?.get("data").cloned().context("data")
    }

    async fn audit(&self) -> Result<Vec<(String, String)>> {
        let entries = self.api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let entries = entries.as_array().context("entries")?;
        Ok(entries.iter().map(|entry| (text(entry, "action"), text(entry, "detail"))).collect())
    }
}

/// Returns the configuration of signing in by a double.
fn config(double: &IdentityDouble, settings: &str) -> Result<SignInConfig> {
    let text = format!(
        "[sign_in]\npublic_url = \"http://gatehouse.test\"\n[sign_in.oidc]\nissuer = \"{}\"\n\
         client_id = \"{CLIENT_ID}\"\n{settings}",
        double.issuer()
    );
    let secret = ("GATEHOUSE_SIGN_IN__OIDC__CLIENT_SECRET".to_owned(), CLIENT_SECRET.to_owned());
    let file = (std::path::Path::new("gatehouse.toml"), text.as_str());
    Ok(Config::load(Some(file), &BTreeMap::from([secret]), None)?.sign_in)
}

fn is_refused(answer: &Answer, problem: &str) -> Result<()> {
    let location = answer.header(LOCATION);
    ensure!(
        location == format!("/sign-in?problem={problem}"),
        "{} {location} {}",
        answer.status,
        answer.text()
    );
    ensure!(session(answer).is_err(), "a cookie was given all the same");
    Ok(())
}

/// Returns the token of the session that an answer gives.
fn session(answer: &Answer) -> Result<String> {
    let cookies = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut tokens = cookies.filter_map(|cookie| cookie.strip_prefix("gatehouse_session="));
    let token = tokens.next().and_then(|cookie| cookie.split(';').next()).context("no session")?;
    Ok(token.to_owned())
}
