//! Signatures as botocore makes them (see `tests/sigv4/generate.py`), and what can't be signed.

use serde::Deserialize;

use super::*;

const GOLDEN: &str = include_str!("../../tests/sigv4/golden.json");
/// The names of the headers that signing sets.
const SET: [&str; 4] = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];

#[derive(Deserialize)]
struct Golden {
    access_key: String,
    secret_key: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    host: String,
    path_and_query: String,
    headers: Vec<(String, String)>,
    body: String,
    region: String,
    service: String,
    session_token: Option<String>,
    at: String,
    expected: std::collections::HashMap<String, Option<String>>,
}

fn credentials(token: Option<&str>) -> AwsCredentials {
    AwsCredentials {
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: Redacted::new("secret".to_owned()),
        session_token: token.map(|token| Redacted::new(token.to_owned())),
    }
}

fn request() -> AwsRequest<'static> {
    AwsRequest {
        method: &Method::POST,
        host: "bedrock-runtime.us-east-1.amazonaws.com",
        path_and_query: "/model/x/invoke",
        body: b"{}",
        region: "us-east-1",
        service: "bedrock",
    }
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn signed(request: &AwsRequest<'_>, headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    sign(request, &mut headers, &credentials(None), noon()).unwrap();
    headers
}

#[test]
fn signs_as_botocore_does() {
    let golden: Golden = serde_json::from_str(GOLDEN).unwrap();
    assert!(golden.cases.len() >= 20, "{} cases", golden.cases.len());
    for case in golden.cases {
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let credentials = AwsCredentials {
            access_key: golden.access_key.clone(),
            secret_key: Redacted::new(golden.secret_key.clone()),
            session_token: case.session_token.map(Redacted::new),
        };
        let request = AwsRequest {
            method: &case.method.parse().unwrap(),
            host: &case.host,
            path_and_query: &case.path_and_query,
            body: case.body.as_bytes(),
            region: &case.region,
            service: &case.service,
        };
        sign(&request, &mut headers, &credentials, Timestamp::parse(&case.at).unwrap()).unwrap();
        for (name, expected) in case.expected {
            let found = headers.get(&name).map(|value| value.to_str().unwrap());
            assert_eq!(found, expected.as_deref(), "{name} of {}", case.name);
        }
    }
}

#[test]
fn replaces_what_an_earlier_signature_left() {
    let clean = signed(&request(), &HeaderMap::new());
    let mut headers = HeaderMap::new();
    for name in SET {
        headers.append(name, HeaderValue::from_static("earlier"));
        headers.append(name, HeaderValue::from_static("and again"));
    }
    assert_eq!(signed(&request(), &headers), clean);
    assert_eq!(clean.len(), 3);
    // Signing what is signed gives the same again.
    assert_eq!(signed(&request(), &clean), clean);
}

#[test]
fn signs_no_header_that_may_still_change() {
    let clean = signed(&request(), &HeaderMap::new());
    let mut headers = HeaderMap::new();
    for name in ["host", "user-agent", "accept", "content-length", "x-amzn-trace-id", "helicone-auth"] {
        headers.insert(name, HeaderValue::from_static("anything"));
    }
    assert_eq!(signed(&request(), &headers).get(AUTHORIZATION), clean.get(AUTHORIZATION));
    headers.insert("x-amz-target", HeaderValue::from_static("anything"));
    assert_ne!(signed(&request(), &headers).get(AUTHORIZATION), clean.get(AUTHORIZATION));
}

#[test]
fn spellings_of_one_query_have_one_signature() {
    let plain = "/x?a=b%20c&d=~%2F";
    let clean = signed(&AwsRequest { path_and_query: plain, ..request() }, &HeaderMap::new());
    for other in ["/x?d=~%2F&a=b%20c", "/x?a=b+c&d=%7e%2f", "/x?&a=%62%20c&&d=~/"] {
        let found = signed(&AwsRequest { path_and_query: other, ..request() }, &HeaderMap::new());
        assert_eq!(found, clean, "{other}");
    }
}

#[test]
fn refuses_what_can_not_be_signed_and_leaves_the_headers_alone() {
    let (good, key) = (request(), credentials(None));
    let with_key = |access_key: &str| AwsCredentials { access_key: access_key.to_owned(), ..key.clone() };
    let no_secret = AwsCredentials { secret_key: Redacted::new(String::new()), ..key.clone() };
    for (request, credentials, error) in [
        (AwsRequest { region: "", ..good }, key.clone(), SignError::Region),
        (AwsRequest { region: "us/east", ..good }, key.clone(), SignError::Region),
        (AwsRequest { region: "us-east-1\r\nx: y", ..good }, key.clone(), SignError::Region),
        (AwsRequest { service: "Bedrock", ..good }, key.clone(), SignError::Service),
        (good, with_key(""), SignError::AccessKey),
        (good, with_key("AKID/x"), SignError::AccessKey),
        (good, with_key("AKID, Signature=x"), SignError::AccessKey),
        (good, no_secret, SignError::SecretKey),
        (good, super::tests::credentials(Some("to\nken")), SignError::SessionToken),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("earlier"));
        let before = headers.clone();
        assert_eq!(sign(&request, &mut headers, &credentials, noon()), Err(error));
        assert_eq!(headers, before, "{error}");
    }
    let far = Timestamp::from_unix_micros(i64::MAX);
    assert_eq!(sign(&good, &mut HeaderMap::new(), &key, far), Err(SignError::Time));
    let long_ago = Timestamp::from_unix_micros(-100_000_000_000_000_000);
    assert_eq!(sign(&good, &mut HeaderMap::new(), &key, long_ago), Err(SignError::Time));
}

#[test]
fn shows_no_secret() {
    let mut headers = HeaderMap::new();
    let credentials = credentials(Some("the token"));
    sign(&request(), &mut headers, &credentials, noon()).unwrap();
    let shown = format!("{headers:?} {credentials:?}");
    assert!(!shown.contains("the token") && !shown.contains("\"secret\""), "{shown}");
}
