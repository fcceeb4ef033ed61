//! Pictures, sound and files in base64: what they are, and as which part they are shown.

use super::schema::{Message, MessageKind};

/// The beginnings of files in base64, and their types.
const BEGINNINGS: [(&str, &str); 12] = [
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("Qk0", "image/bmp"),
    ("AAAAIGZ0eXBhdmlm", "image/avif"),
    ("AAAAHGZ0eXBhdmlm", "image/avif"),
    ("JVBERi0", "application/pdf"),
    ("SUQz", "audio/mpeg"),
    ("T2dnU", "audio/ogg"),
    ("ZkxhQ", "audio/flac"),
    ("GkXfo", "audio/webm"),
    ("AAAAHGZ0eXBN", "audio/mp4"),
];
/// How RIFF files begin, which are of several kinds.
const RIFF: &str = "UklGR";

/// Returns the type of a file in base64, told by how it begins.
pub(super) fn sniffed(base64: &str) -> Option<&'static str> {
    if base64.starts_with(RIFF) {
        // Behind `RIFF` and a length stands the kind, of which the eleventh character has two bits.
        return match base64.get(11..16)? {
            "XRUJQ" => Some("image/webp"),
            "XQVZF" => Some("audio/wav"),
            _ => None,
        };
    }
    // A frame of sound begins with twelve bits that are set; the next ones tell how it is coded.
    if let Some(code) = base64.strip_prefix("//").and_then(|rest| rest.chars().next()) {
        match code {
            'I'..='P' | 'o'..='v' => return Some("audio/mpeg"),
            'E'..='H' | 'k'..='n' => return Some("audio/aac"),
            _ => {}
        }
    }
    BEGINNINGS.iter().find(|(beginning, _)| base64.starts_with(beginning)).map(|(_, mime)| *mime)
}

/// Returns the part that a file in base64, or a data URL, is shown as.
pub(super) fn part_of(data: &str, mime: Option<&str>) -> Message {
    let (mime, base64) = match data.strip_prefix("data:").and_then(|url| url.split_once(',')) {
        Some((head, base64)) => (head.split(';').next().filter(|mime| !mime.is_empty()), base64),
        None => (mime.filter(|mime| !mime.is_empty()), data),
    };
    let mime = mime.or_else(|| sniffed(base64)).unwrap_or("application/octet-stream");
    if mime.starts_with("image/") {
        return image(&format!("data:{mime};base64,{base64}"));
    }
    let mime_type = Some(mime.to_owned());
    if mime.starts_with("audio/") {
        let audio_data = Some(base64.to_owned());
        return Message { kind: MessageKind::Audio, audio_data, mime_type, ..Message::default() };
    }
    let file_data = Some(base64.to_owned());
    Message { kind: MessageKind::File, file_data, mime_type, ..Message::default() }
}

/// Returns a picture at a URL.
pub(super) fn image(url: &str) -> Message {
    Message { kind: MessageKind::Image, image_url: Some(url.to_owned()), ..Message::default() }
}

/// Returns a picture in base64 of unknown type; PNG if that can't be told, as providers have it.
pub(super) fn picture(base64: &str) -> Message {
    if base64.starts_with("data:") || base64.starts_with("http") {
        return image(base64);
    }
    let mime = sniffed(base64).filter(|mime| mime.starts_with("image/")).unwrap_or("image/png");
    image(&format!("data:{mime};base64,{base64}"))
}

/// Returns the part for what lies at a URL and has a type.
pub(super) fn remote(url: &str, mime: Option<&str>) -> Message {
    if url.starts_with("data:") {
        return part_of(url, mime);
    }
    if mime.is_some_and(|mime| mime.starts_with("image/")) {
        return Message { mime_type: mime.map(str::to_owned), ..image(url) };
    }
    Message {
        kind: MessageKind::File,
        file_data: Some(url.to_owned()),
        mime_type: mime.map(str::to_owned),
        ..Message::default()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn tells_types_by_how_files_begin() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(sniffed(&STANDARD.encode(bytes)), expected, "{}", bytes.escape_ascii());
        };
        check(b"\x89PNG\r\n\x1a\n....", Some("image/png"));
        check(b"\xff\xd8\xff\xe0....", Some("image/jpeg"));
        check(b"RIFF\x24\x00\x00\x00WEBPVP8 ", Some("image/webp"));
        check(b"RIFF\x24\x08\x00\x00WAVEfmt ", Some("audio/wav"));
        check(b"RIFF\x24\x08\x00\x00AVI fmt ", None);
        check(b"ID3\x04....", Some("audio/mpeg"));
        check(b"\xff\xfb\x90....", Some("audio/mpeg"));
        check(b"OggS....", Some("audio/ogg"));
        check(b"%PDF-1.7", Some("application/pdf"));
        check(b"hello", None);
        check(b"", None);
    }
}
