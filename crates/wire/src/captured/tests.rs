//! Answers that are longer than what is decoded of them.

use gatehouse_types::{Dialect, ExchangeMeta, OrganizationId, Outcome, RequestId, Timestamp};

use super::*;
use crate::decode::encode::encode;

/// Reads an answer of which 1000 bytes are decoded.
fn observed(sent: &[u8], encoding: Option<&str>, state: BodyState, outcome: Outcome) -> Observed {
    let request_id = RequestId::generate();
    let started_at = Timestamp::from_unix_micros(0);
    let meta = ExchangeMeta {
        dialect: Dialect::OpenAi,
        outcome,
        ..ExchangeMeta::new(request_id, OrganizationId::NOBODY, started_at)
    };
    let segments = sent.chunks(700).map(Bytes::copy_from_slice).collect();
    let content_encoding = encoding.map(str::to_owned);
    let body = Body { segments, state, content_encoding, ..Body::default() };
    let nothing = Body::default();
    let (request, response) = (read_body(&nothing, 1000), read_body(&body, 1000));
    assert_eq!(response.state, BodyState::Truncated);
    assert!(response.bytes.as_ref().unwrap().len() <= 1000);
    ReadExchange { request: (&nothing, &request), response: (&body, &response) }.observe(&meta)
}

#[test]
fn a_long_answer_is_read_to_its_end_however_little_of_it_is_decoded() {
    let event = "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    let stream = format!("{}{usage}", event.repeat(100));
    for encoding in [None, Some("gzip"), Some("br"), Some("zstd")] {
        let sent =
            encoding.map_or_else(|| stream.as_bytes().to_vec(), |name| encode(name, stream.as_bytes()));
        let counted =
            |state, outcome| observed(&sent, encoding, state, outcome).usage.map(|usage| usage.input);
        assert_eq!(counted(BodyState::Stored, Outcome::Complete), Some(Some(5)), "{encoding:?}");
        assert_eq!(counted(BodyState::Stored, Outcome::UpstreamCut), None, "{encoding:?}");
        assert_eq!(counted(BodyState::Truncated, Outcome::Complete), None, "{encoding:?}");
    }
    let read = observed(stream.as_bytes(), None, BodyState::Stored, Outcome::Complete);
    assert_eq!(read.response_model.as_deref(), Some("m"));
    assert_eq!(read.response_preview, Some("a".repeat(100)));
}
