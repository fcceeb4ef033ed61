//! The exchanges that `wire` reads usage from: what it previews of them is what their conversations say.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gatehouse_mapper::conversation::{Conversation, Input};
use gatehouse_wire::{BodyView, decode};
use serde_json::Value;

/// Every exchange: its folder, and the conversation that is read.
fn exchanges() -> Result<Vec<(PathBuf, Value, Conversation)>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/golden");
    let mut exchanges = Vec::new();
    for dialect in std::fs::read_dir(golden)? {
        let dialect = dialect?.path();
        if !dialect.is_dir() {
            continue;
        }
        for folder in std::fs::read_dir(&dialect).with_context(|| dialect.display().to_string())? {
            let folder = folder?.path();
            let Ok(expected) = std::fs::read(folder.join("expected.json")) else { continue };
            let expected: Value = serde_json::from_slice(&expected)?;
            exchanges.push((folder.clone(), expected.clone(), read(&folder, &expected)?));
        }
    }
    Ok(exchanges)
}

fn read(folder: &Path, expected: &Value) -> Result<Conversation> {
    let (mut request, mut response) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("request.") {
            request = std::fs::read(&path)?;
        } else if name.starts_with("response.") {
            let encoding = name.ends_with(".gz").then_some("gzip");
            response = decode(encoding, &std::fs::read(&path)?, usize::MAX).bytes.into_owned();
        }
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let status = name.rsplit('-').next().and_then(|status| status.parse().ok());
    Ok(Conversation::read(Input {
        request: BodyView { bytes: &request, ..BodyView::default() },
        response: BodyView { bytes: &response, ..BodyView::default() },
        path: expected["path"].as_str().unwrap_or_default(),
        status: status.filter(|_| name.contains("error")).unwrap_or(200),
    }))
}

#[test]
fn previews_what_was_previewed_when_the_call_was_logged() -> Result<()> {
    let exchanges = exchanges()?;
    assert!(exchanges.len() >= 120);
    let mut differing = Vec::new();
    for (folder, expected, conversation) in exchanges {
        let preview = &conversation.preview;
        for (side, preview) in [("request", &preview.request), ("response", &preview.response)] {
            let logged = expected["observed"][format!("{side}_preview")].as_str();
            let Some(logged) = logged else { continue };
            if !without_marks(preview).starts_with(&without_marks(logged)) {
                differing.push(format!("{}: {side}: {preview:?}, logged {logged:?}", folder.display()));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    Ok(())
}

/// Takes away what the two previews of a call may differ in: marks for pictures, sound and files, white space, and
/// whether arguments are an empty object or none.
fn without_marks(preview: &str) -> String {
    let marks = ["[Image]", "[Audio]", "[File]", "{}", " "];
    marks.into_iter().fold(preview.to_owned(), |text, mark| text.replace(mark, ""))
}

#[test]
fn knows_the_shape_of_every_exchange() -> Result<()> {
    for (folder, _, conversation) in exchanges()? {
        let schema = &conversation.schema;
        let name = folder.display().to_string();
        if let Some(request) = &schema.request {
            assert!(
                request.prompt.is_some() || !request.input.is_empty() || !request.messages.is_empty(),
                "{name}: an empty request"
            );
        }
        if let Some(response) = &schema.response {
            assert!(!response.messages.is_empty() || response.error.is_some(), "{name}: an empty answer");
        }
    }
    Ok(())
}
