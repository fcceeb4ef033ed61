use super::*;
use crate::mapping::BodyView;

#[test]
fn nothing_comes_of_nothing() {
    let inference = infer(&[]);
    assert_eq!(inference.status, MappingStatus::PendingCreation);
    assert_eq!(inference.fields, []);
    let html = BodyView { bytes: b"<html>", content_type: Some("text/html"), truncated: false };
    let sample = Sample { status: 200, request: html, response: html, ..Sample::default() };
    assert_eq!(infer(&[sample; 9]).status, MappingStatus::PendingCreation);
}

#[test]
fn the_same_call_again_is_no_new_sample() {
    let request = BodyView { bytes: br#"{"prompt":"Where is the river now?"}"#, ..BodyView::default() };
    let response = BodyView { bytes: br#"{"answer":"It is under the bridge."}"#, ..BodyView::default() };
    let sample = Sample { status: 200, request, response, ..Sample::default() };
    let inference = infer(&[sample; 9]);
    assert_eq!((inference.document.evidence.samples, inference.status), (1, MappingStatus::PendingCreation));
}
