//! Checks signatures of AWS (Signature Version 4) that were made with the credentials of AWS's own examples.
//!
//! The secret of other credentials is not known here: what they signed passes.

use sha2::{Digest, Sha256};

use super::respond::Request;

/// Access key ids whose signatures are checked, each with its secret.
const CREDENTIALS: &[(&str, &str)] = &[
    ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
];
/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Checks the signature in `authorization`, a value that begins with `AWS4-HMAC-SHA256 `.
///
/// # Errors
/// Says what is missing or does not fit.
pub(super) fn verify(request: &Request, authorization: &str) -> Result<(), String> {
    let item = |name: &str| {
        let items = authorization.split([' ', ',']);
        items.filter_map(|item| item.strip_prefix(name)).find_map(|value| value.strip_prefix('='))
    };
    let missing = |name: &str| format!("Authorization header requires '{name}' parameter.");
    let credential = item("Credential").ok_or_else(|| missing("Credential"))?;
    let signed = item("SignedHeaders").ok_or_else(|| missing("SignedHeaders"))?;
    let signature = item("Signature").ok_or_else(|| missing("Signature"))?;
    let (key, scope) = credential.split_once('/').ok_or_else(|| missing("Credential"))?;
    let Some((_, secret)) = CREDENTIALS.iter().find(|(id, _)| *id == key) else { return Ok(()) };
    let time = request.received.headers.text("x-amz-date").ok_or_else(|| missing("X-Amz-Date"))?;
    check_scope(request, scope, &time)?;
    check_signed(request, signed)?;
    let canonical = canonical_request(request, signed);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
    let start = format!("AWS4{secret}").into_bytes();
    let key = scope.split('/').fold(start, |key, part| hmac(&key, part.as_bytes()));
    if hex(&hmac(&key, to_sign.as_bytes())) == signature {
        return Ok(());
    }
    Err(format!("The request signature we calculated does not match. The Canonical String was\n{canonical}"))
}

/// Checks that the scope has the day of `time`, the region of the host, and the service.
fn check_scope(request: &Request, scope: &str, time: &str) -> Result<(), String> {
    let day = time.split('T').next().unwrap_or_default();
    let region = request.host.split('.').nth(1).unwrap_or_default();
    let expected = format!("{day}/{region}/bedrock/aws4_request");
    if scope == expected {
        return Ok(());
    }
    Err(format!("Credential should be scoped to {expected}, not {scope}."))
}

/// Checks that `host` and every `x-amz-` field are signed, and that a hash that was sent is the body's.
fn check_signed(request: &Request, signed: &str) -> Result<(), String> {
    let headers = &request.received.headers;
    let names = headers.0.iter().map(|field| field.name.to_ascii_lowercase());
    let mut needed = names.filter(|name| name == "host" || name.starts_with("x-amz-"));
    if let Some(name) = needed.find(|name| !signed.split(';').any(|signed| signed == name)) {
        return Err(format!("There were headers present in the request which were not signed: {name}"));
    }
    match headers.text("x-amz-content-sha256") {
        Some(hash) if hash != request.body_sha256 => {
            Err("The provided 'x-amz-content-sha256' header does not match what was computed.".to_owned())
        }
        _ => Ok(()),
    }
}

/// Returns the canonical request: the path is encoded once more than it was sent, as every service but S3 has it.
fn canonical_request(request: &Request, signed: &str) -> String {
    let mut pairs: Vec<String> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    pairs.sort_unstable();
    let headers: String = signed.split(';').map(|name| header_line(request, name)).collect();
    let (method, path, hash) = (&request.method, encode(&request.path), &request.body_sha256);
    format!("{method}\n{path}\n{}\n{headers}\n{signed}\n{hash}", pairs.join("&"))
}

fn header_line(request: &Request, name: &str) -> String {
    let values = request.received.headers.all(name);
    let values: Vec<String> = values
        .iter()
        .map(|value| String::from_utf8_lossy(value).split_ascii_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    format!("{name}:{}\n", values.join(","))
}

fn encode(path: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

/// Computes HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let pad = |with: u8| -> Vec<u8> { block.iter().map(|byte| byte ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
