//! Signing in at a provider of identities that is on this machine, where no target of a call may be.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse, request};
use gatehouse_testkit::identity::{CLIENT_ID, CLIENT_SECRET};
use gatehouse_testkit::process::{Finished, run};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, IdentityDouble, TestCa, eventually};

use crate::support::{BINARY, DEADLINE};

const PUBLIC_URL: &str = "http://gatehouse.test";
const SECRET_VARIABLE: &str = "GATEHOUSE_SIGN_IN__OIDC__CLIENT_SECRET";

/// A gatehouse and the provider at which people sign in.
struct House {
    ca: TestCa,
    double: IdentityDouble,
    gatehouse: Gatehouse,
}

impl House {
    async fn start() -> Result<Self> {
        let ca = TestCa::temporary()?;
        let double = IdentityDouble::start(&ca).await?;
        let toml = format!(
            "[upstream]\nextra_ca = \"{}\"\n[sign_in]\npublic_url = \"{PUBLIC_URL}\"\n[sign_in.oidc]\n\
             issuer = \"{}\"\nclient_id = \"{CLIENT_ID}\"\n",
            ca.path().display(),
            double.issuer()
        );
        let mut options = GatehouseOptions::new(BINARY).with_toml(&toml);
        options.environment.push((SECRET_VARIABLE.to_owned(), CLIENT_SECRET.to_owned()));
        let gatehouse = Gatehouse::start(options).await?;
        Ok(Self { ca, double, gatehouse })
    }

    /// Runs `gatehouse users` beside the server.
    async fn users(&self, arguments: &[&str]) -> Result<Finished> {
        let config = self.gatehouse.config_path();
        let place = [OsStr::new("--config"), config.as_os_str()];
        let arguments = ["users"].iter().chain(arguments).map(OsStr::new).chain(place).collect::<Vec<_>>();
        run(Path::new(BINARY), &arguments, &[], DEADLINE).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Result<RawResponse> {
        let mut client = RawClient::connect(self.gatehouse.api()).await?;
        client.exchange(request("GET", path, &[("Host", "gatehouse.test"), ("Cookie", cookie)], b"")).await
    }

    /// Signs in, and returns the page that the browser is led to and the cookie that it then has.
    async fn sign_in(&self) -> Result<(String, String)> {
        let started = self.get("/v1/account/oidc/start?next=/requests", "").await?;
        let page = location(&started)?;
        let path = page.strip_prefix(self.double.issuer()).with_context(|| page.clone())?;
        let mut browser = RawClient::connect_tls(self.double.address(), "localhost", &self.ca).await?;
        let sent_back = browser.exchange(request("GET", path, &[("Host", "localhost")], b"")).await?;
        let back = location(&sent_back)?;
        let path = back.strip_prefix(PUBLIC_URL).with_context(|| back.clone())?;
        let finished = self.get(path, &cookie(&started)).await?;
        Ok((location(&finished)?, cookie(&finished)))
    }
}

fn location(answer: &RawResponse) -> Result<String> {
    answer.head.headers.text("location").with_context(|| format!("{answer:?}"))
}

/// Returns the first cookie that an answer sets, as a browser sends it.
fn cookie(answer: &RawResponse) -> String {
    let text = answer.head.headers.text("set-cookie").unwrap_or_default();
    text.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_account_passes_to_somebody_at_the_provider_once_and_again_when_it_is_unlinked() -> Result<()> {
    let house = House::start().await?;
    for (email, name) in [("ada@example.com", "Ada"), ("bob@example.com", "Bob")] {
        let created = house.users(&["create", email, "--name", name]).await?;
        ensure!(created.status.success(), "{created:?}");
    }
    let signed_in = async || {
        let (page, cookie) = house.sign_in().await?;
        anyhow::Ok((page == "/requests").then_some(cookie))
    };
    let cookie = eventually(DEADLINE, signed_in).await?;
    ensure!(house.get("/v1/account", &cookie).await?.head.status == 200, "{cookie}");

    house.double.let_in("somebody else", "ada@example.com");
    let (page, cookie) = house.sign_in().await?;
    ensure!(page == "/sign-in?problem=another_identity" && !cookie.contains("session"), "{page} {cookie}");
    let bobs = house.users(&["unlink", "bob@example.com"]).await?;
    ensure!(!bobs.status.success() && bobs.stderr.contains("is nobody at a provider"), "{bobs:?}");
    let unlinked = house.users(&["unlink", "ada@example.com"]).await?;
    ensure!(unlinked.status.success() && unlinked.stdout.is_empty(), "{unlinked:?}");
    let cookie = eventually(DEADLINE, signed_in).await?;
    ensure!(house.get("/v1/account", &cookie).await?.head.status == 200, "{cookie}");

    let said = format!("{}{}", house.gatehouse.stdout(), house.gatehouse.stderr());
    ensure!(!said.contains(CLIENT_SECRET) && !said.contains("example.com"), "{said}");
    Ok(())
}
