//! The double's pages.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use url::form_urlencoded;

use super::keys::name;
use super::{Asked, CLIENT_ID, CLIENT_SECRET, Shared, State, Trouble};

/// What is sent of a flood at once.
static DROP: [u8; 16 << 10] = [b' '; 16 << 10];

/// What lets a client ask for details.
const ACCESS_TOKEN: &str = "access-to-details";

type Fields = std::collections::HashMap<String, String>;
type AnswerBody = Either<Full<Bytes>, Flood>;

pub(super) async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>, tasks: TaskTracker) {
    while let Ok((tcp, _)) = listener.accept().await {
        tasks.spawn(connection(tcp, tls.clone(), Arc::clone(&shared)));
    }
}

async fn connection(tcp: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(stream) = tls.accept(tcp).await else { return };
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    // How a connection ends is the other side's affair.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<AnswerBody>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.context("read the body")?.to_bytes();
    let path = head.uri.path().to_owned();
    let trouble = {
        let mut state = shared.state.lock();
        *state.calls.entry(path.clone()).or_default() += 1;
        state.troubles.get(&path).copied()
    };
    match trouble {
        Some(Trouble::Status(status)) => return json_answer(status, &json!({"error": "server_error"})),
        Some(Trouble::Silence) => std::future::pending().await,
        Some(Trouble::Flood) => return Ok(Response::new(Either::Right(Flood))),
        None => {}
    }
    let mut state = shared.state.lock();
    match (head.method, path.as_str()) {
        (Method::GET, "/.well-known/openid-configuration") => {
            json_answer(200, &description(&shared.issuer, &state.description))
        }
        (Method::GET, "/keys") => json_answer(200, &state.keys.published()),
        (Method::GET, "/authorize") => {
            authorize(&shared.issuer, &mut state, &fields(head.uri.query().unwrap_or_default().as_bytes()))
        }
        (Method::POST, "/token") => {
            let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            token(&shared.issuer, &mut state, authorization, &fields(&body))
        }
        (Method::GET, "/userinfo") => {
            let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            let knows = authorization == Some(&format!("Bearer {ACCESS_TOKEN}"));
            json_answer(if knows { 200 } else { 401 }, &Value::Object(state.details.clone()))
        }
        _ => json_answer(404, &Value::Null),
    }
}

fn description(issuer: &str, otherwise: &Map<String, Value>) -> Value {
    let mut description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=7"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
    });
    if let Some(members) = description.as_object_mut() {
        members.extend(otherwise.clone());
        members.retain(|_, value| !value.is_null());
    }
    description
}

/// Sends the browser back with a code; there is no form, because everybody has agreed before.
fn authorize(issuer: &str, state: &mut State, fields: &Fields) -> Result<Response<AnswerBody>> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let is_complete = field("tenant") == "7"
        && field("response_type") == "code"
        && field("client_id") == CLIENT_ID
        && field("code_challenge_method") == "S256"
        && field("scope").split(' ').any(|scope| scope == "openid")
        && !field("nonce").is_empty()
        && !field("state").is_empty();
    let Ok(mut redirect) = url::Url::parse(field("redirect_uri")) else {
        return json_answer(400, &json!({"error": "invalid_request"}));
    };
    if !is_complete {
        return json_answer(400, &json!({"error": "invalid_request"}));
    }
    redirect.query_pairs_mut().append_pair("state", field("state")).append_pair("iss", issuer);
    match &state.denial {
        Some(error) => drop(redirect.query_pairs_mut().append_pair("error", error)),
        None => {
            let code = name()?;
            let asked = Asked {
                redirect: field("redirect_uri").to_owned(),
                nonce: field("nonce").to_owned(),
                challenge: field("code_challenge").to_owned(),
            };
            state.codes.insert(code.clone(), asked);
            redirect.query_pairs_mut().append_pair("code", &code);
        }
    }
    let answer = Response::builder().status(StatusCode::FOUND).header(LOCATION, redirect.as_str());
    answer.body(Either::Left(Full::default())).context("answer")
}

/// Gives a token for a code, once.
fn token(
    issuer: &str,
    state: &mut State,
    authorization: Option<&str>,
    fields: &Fields,
) -> Result<Response<AnswerBody>> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let in_form = (field("client_id").to_owned(), field("client_secret").to_owned());
    let takes = |method: &str| match state.description.get("token_endpoint_auth_methods_supported") {
        Some(Value::Array(methods)) => methods.iter().any(|found| found == method),
        _ => method == "client_secret_basic",
    };
    let client = match authorization.map(basic) {
        Some(client) if takes("client_secret_basic") => client,
        None if takes("client_secret_post") => Some(in_form),
        _ => None,
    };
    if client != Some((CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned())) {
        return json_answer(401, &json!({"error": "invalid_client"}));
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    let asked = state.codes.remove(field("code")).filter(|asked| {
        field("grant_type") == "authorization_code"
            && asked.redirect == field("redirect_uri")
            && asked.challenge == challenge
    });
    let Some(asked) = asked else { return json_answer(400, &json!({"error": "invalid_grant"})) };
    let now = jiff::Timestamp::now().as_second();
    let mut claims = json!({
        "iss": issuer, "aud": CLIENT_ID, "nonce": asked.nonce, "iat": now, "exp": now + 300,
    });
    if let Some(members) = claims.as_object_mut() {
        members.extend(state.claims.clone());
        members.retain(|_, value| !value.is_null());
    }
    let id_token = state.keys.token(state.signing, &claims)?;
    json_answer(200, &json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token}))
}

/// Reads what a client says of itself in a header.
fn basic(authorization: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(authorization.strip_prefix("Basic ")?).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        let form = format!("x={text}");
        form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decoded(client)?, decoded(secret)?))
}

fn fields(form: &[u8]) -> Fields {
    form_urlencoded::parse(form).into_owned().collect()
}

fn json_answer(status: u16, body: &Value) -> Result<Response<AnswerBody>> {
    let answer = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    answer.body(Either::Left(Full::from(body.to_string()))).context("answer")
}

/// A body that goes on for ever.
pub(super) struct Flood;

impl Body for Flood {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&DROP)))))
    }
}
