use super::*;
use crate::mapping::{BodyView, Field, shape_of};

fn exchange(response: &str) -> Sample<'_> {
    let response = BodyView { bytes: response.as_bytes(), content_type: None, truncated: false };
    Sample { status: 200, response, ..Sample::default() }
}

fn document() -> MappingDocument {
    let json = r#"{"response":{"text":{"path":"/answer"},"finish":{"path":"/end","map":{"eos":"stop"}},
        "usage":{"input":"/use/in","output":"/use/out","total":"/use/sum","identity":"input_output"}}}"#;
    let mut document = MappingDocument::parse(json).unwrap();
    document.evidence.always = [Field::Text, Field::Usage].into();
    let node = crate::mapping::tree::Node::parse(GOOD.as_bytes()).unwrap();
    document.shapes.response_places = shape_of(&node);
    document
}

const GOOD: &str = r#"{"answer":"Yes.","end":"eos","use":{"in":1,"out":2,"sum":3}}"#;
const NO_TEXT: &str = r#"{"answer":null,"end":"eos","use":{"in":1,"out":2,"sum":3}}"#;
const NO_SUM: &str = r#"{"answer":"Yes.","end":"eos","use":{"in":1,"out":2,"sum":4}}"#;
const NEW_END: &str = r#"{"answer":"Yes.","end":"tired","use":{"in":1,"out":2,"sum":3}}"#;

/// Counts some bad calls among good ones and returns what the last of them said.
fn after(bad: &str, count: usize, of: usize) -> Option<Drift> {
    let (document, mut watch) = (document(), Watch::default());
    let mut drift = None;
    for at in 0..of {
        let exchange = exchange(if at < of - count { GOOD } else { bad });
        drift = watch.count(&document, &exchange, &document.apply(&exchange));
    }
    drift
}

#[test]
fn five_in_a_hundred_are_too_many() {
    assert_eq!(after(NO_TEXT, 10, 200), None);
    assert_eq!(after(NO_TEXT, 11, 200), Some(Drift::Missing));
    assert_eq!(after(NO_SUM, 11, 200), Some(Drift::Missing), "without a sum there is no usage either");
    assert_eq!(after(NEW_END, 11, 200), Some(Drift::Unknown));
    assert_eq!(after(GOOD, 200, 200), None);
}

#[test]
fn few_calls_show_nothing() {
    assert_eq!(after(NO_TEXT, 2, 2), None);
    assert_eq!(after(NO_TEXT, 3, 20), Some(Drift::Missing));
}

#[test]
fn only_the_last_calls_are_looked_at() {
    let (document, mut watch) = (document(), Watch::default());
    for text in std::iter::repeat_n(NO_SUM, 50).chain(std::iter::repeat_n(GOOD, LOOKED_BACK)) {
        let exchange = exchange(text);
        watch.count(&document, &exchange, &document.apply(&exchange));
    }
    assert_eq!((watch.calls(), watch.counts()), (LOOKED_BACK, (0, 0, 0)));
    let stored = serde_json::to_string(&watch).unwrap();
    assert_eq!(serde_json::from_str::<Watch>(&stored).unwrap(), watch);
}

#[test]
fn another_shape_is_news_at_once() {
    let (document, mut watch) = (document(), Watch::default());
    let other = exchange(r#"{"v2":{"reply":"Yes.","tokens":[1,2]}}"#);
    assert_eq!(watch.count(&document, &other, &document.apply(&other)), Some(Drift::Shape));
}

#[test]
fn failures_are_not_counted() {
    let (document, mut watch) = (document(), Watch::default());
    let failed = Sample { status: 500, ..exchange(r#"{"error":"no"}"#) };
    assert_eq!(watch.count(&document, &failed, &document.apply(&failed)), None);
    assert_eq!(watch.calls(), 0);
}
