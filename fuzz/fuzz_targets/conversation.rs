//! Conversations: any two bodies are read, the same ones always alike, and a preview is one short line.
#![no_main]

use gatehouse_fuzz::{Input, view};
use gatehouse_mapper::conversation::{self, Conversation};
use libfuzzer_sys::fuzz_target;

/// The most characters of a preview.
const PREVIEW: usize = 1000;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (status, path, content_type) = (i32::from(input.byte()), input.path(), input.content_type());
    let bodies = conversation::Input {
        request: view(input.text(), Some("application/json")),
        response: view(input.text(), content_type),
        path,
        status: if status < 200 { 200 } else { 400 },
    };
    let conversation = Conversation::read(bodies);
    assert_eq!(conversation, Conversation::read(bodies));
    for line in [&conversation.preview.request, &conversation.preview.response] {
        assert!(line.chars().count() <= PREVIEW && !line.contains('\n'));
    }
    serde_json::to_string(&conversation).unwrap();
});
