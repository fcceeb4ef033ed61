//! Forms, as sound and images are sent in: what their short text fields say.

use memchr::memmem;

/// How long the head of a field can be.
const MAX_HEAD_BYTES: usize = 1024;

/// Hands the name and the text of every field to `each`, as far as the form is there; files are passed over.
pub(super) fn each_field<'a>(body: &'a [u8], content_type: &str, each: &mut dyn FnMut(&str, &'a str)) {
    let Some(boundary) = boundary(content_type) else { return };
    let delimiter = format!("--{boundary}");
    let end = format!("\r\n--{boundary}");
    let Some(first) = memmem::find(body, delimiter.as_bytes()) else { return };
    let mut rest = body.get(first + delimiter.len()..).unwrap_or_default();
    let finder = memmem::Finder::new(end.as_bytes());
    // A field whose end is missing says nothing.
    while let Some(at) = finder.find(rest) {
        let (part, after) = rest.split_at(at);
        field(part, each);
        rest = after.get(end.len()..).unwrap_or_default();
    }
}

/// Reads `\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1`.
fn field<'a>(part: &'a [u8], each: &mut dyn FnMut(&str, &'a str)) {
    let looked_at = part.get(..MAX_HEAD_BYTES).unwrap_or(part);
    let Some(end) = memmem::find(looked_at, b"\r\n\r\n") else { return };
    let (head, text) = part.split_at(end);
    let Ok(head) = std::str::from_utf8(head) else { return };
    let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
    let Some(disposition) = disposition.filter(|line| parameter(line, "filename").is_none()) else { return };
    let text = text.get(b"\r\n\r\n".len()..).and_then(|text| std::str::from_utf8(text).ok());
    if let (Some(name), Some(text)) = (parameter(disposition, "name"), text) {
        each(name, text);
    }
}

/// The boundary of a form; `None` for what is no form.
fn boundary(content_type: &str) -> Option<&str> {
    let is_form = content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    is_form.then(|| parameter(content_type, "boundary")).flatten().filter(|boundary| !boundary.is_empty())
}

/// The value of a parameter, its quotes taken off.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"b\"";

    fn fields(body: &str, content_type: &str) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        each_field(body.as_bytes(), content_type, &mut |name, text| {
            fields.push((name.to_owned(), text.to_owned()));
        });
        fields
    }

    #[test]
    fn reads_fields_and_passes_files_over() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n\
                    ID3\r\n--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n--b--\r\n";
        let expected = [("model", "whisper-1"), ("stream", "true")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(fields(body, TYPE), expected);
        let cut = body.split_once("ue\r\n").map_or("", |(cut, _)| cut);
        assert_eq!(fields(cut, TYPE), expected[..1]);
        assert_eq!(fields(body, "multipart/form-data"), []);
        assert_eq!(fields(body, "application/json; boundary=b"), []);
        assert_eq!(fields("", TYPE), []);
    }
}
