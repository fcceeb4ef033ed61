//! Forms with files (`multipart/form-data`), which pictures and sound are sent in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use super::json::Json;

/// How long a boundary is at most, with the dashes before it.
const MAX_BOUNDARY: usize = 72;
/// How many fields are read.
const MOST_FIELDS: usize = 1_000;

/// A form, and whether its end is there.
#[derive(Debug, PartialEq)]
pub(super) struct Form {
    /// Texts by their names, and files in the list `files`.
    pub(super) fields: Json,
    pub(super) is_whole: bool,
}

/// Reads a form; `None` for what is none.
pub(super) fn read(body: &[u8]) -> Option<Form> {
    let line = memchr::memchr(b'\n', body.get(..MAX_BOUNDARY + 2).unwrap_or(body))?;
    let boundary = body.get(..line)?.trim_ascii_end();
    if !boundary.starts_with(b"--") || boundary.len() < 3 {
        return None;
    }
    let after = body.get(line + 1..)?.get(..20)?;
    if !after.eq_ignore_ascii_case(b"content-disposition:") {
        return None;
    }
    let mut form = Form { fields: Json::Object(Vec::new()), is_whole: false };
    let mut rest = body.get(boundary.len()..)?;
    let finder = memmem::Finder::new(boundary);
    for _ in 0..MOST_FIELDS {
        let end = finder.find(rest).unwrap_or(rest.len());
        add(rest.get(..end)?, &mut form.fields);
        let Some(after) = rest.get(end + boundary.len()..) else { break };
        form.is_whole |= after.starts_with(b"--");
        rest = after;
    }
    Some(form)
}

/// Adds one field, which is its head, an empty line and its content.
fn add(field: &[u8], form: &mut Json) {
    let field = field.strip_prefix(b"\r\n").or(field.strip_prefix(b"\n")).unwrap_or(field);
    let (split, gap) = match (memmem::find(field, b"\r\n\r\n"), memmem::find(field, b"\n\n")) {
        (Some(at), _) => (at, 4),
        (None, Some(at)) => (at, 2),
        (None, None) => return,
    };
    let head = String::from_utf8_lossy(field.get(..split).unwrap_or_default()).into_owned();
    let content = field.get(split + gap..).unwrap_or_default();
    let content = content.strip_suffix(b"\r\n").or(content.strip_suffix(b"\n")).unwrap_or(content);
    let Some(name) = quoted(&head, " name=") else { return };
    if let Some(filename) = quoted(&head, "filename=") {
        let mut file = Json::object([("filename", filename.into())]);
        let mime = head.lines().find_map(|line| {
            line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case("content-type"))
        });
        if let Some((_, mime)) = mime.filter(|(_, mime)| mime.trim() != "application/octet-stream") {
            file.put("media_type", &mime.trim().into());
        }
        file.put("file_data", &Json::Text(STANDARD.encode(content)));
        let part = Json::object([("type", "file".into()), ("name", name.into()), ("file", file)]);
        form.slot("files").push(part);
    } else {
        form.put(name, &Json::Text(String::from_utf8_lossy(content).into_owned()));
    }
}

/// Returns the value of a parameter in quotes.
fn quoted<'a>(head: &'a str, parameter: &str) -> Option<&'a str> {
    let (_, after) = head.split_once(parameter)?;
    after.strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_texts_and_files() {
        let body = b"--x7\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\nID3\x00\xff\r\n--x7--\r\n";
        let form = read(body).unwrap();
        assert!(form.is_whole);
        assert_eq!(
            form.fields.compact(),
            r#"{"model":"whisper-1","files":[{"type":"file","name":"file","file":{"filename":"a.mp3","media_type":"audio/mpeg","file_data":"SUQzAP8="}}]}"#
        );
        assert_eq!(read(b"--x7\r\nsomething"), None);
        assert_eq!(read(b"-- a list\n- b"), None);
        for at in 0..body.len() {
            assert!(read(&body[..at]).is_none_or(|form| !form.is_whole || at > body.len() - 5), "{at}");
        }
    }
}
