//! Mappings: any text is a document or an error, any document reads any bodies, and any samples are inferred from,
//! in any order.
#![no_main]

use gatehouse_fuzz::{Input, view};
use gatehouse_mapper::mapping::{MappingDocument, Sample, infer};
use libfuzzer_sys::fuzz_target;

/// Reads a call.
fn sample<'a>(input: &mut Input<'a>) -> Sample<'a> {
    let (status, content_type) = (if input.byte() < 200 { 200 } else { 400 }, input.content_type());
    Sample {
        method: "POST",
        host: "models.example",
        path: input.path(),
        status,
        request: view(input.text(), Some("application/json")),
        response: view(input.text(), content_type),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    if input.byte().is_multiple_of(2) {
        let document =
            std::str::from_utf8(input.text()).ok().and_then(|text| MappingDocument::parse(text).ok());
        let Some(document) = document else { return };
        let exchange = sample(&mut input);
        let mapped = document.apply(&exchange);
        assert_eq!(mapped, document.apply(&exchange));
        return;
    }
    let mut samples = Vec::new();
    while !input.is_empty() && samples.len() < 12 {
        samples.push(sample(&mut input));
    }
    let inference = infer(&samples);
    for exchange in &samples {
        inference.document.apply(exchange);
    }
    let stored = serde_json::to_string(&inference.document).unwrap();
    assert_eq!(MappingDocument::parse(&stored).unwrap(), inference.document);
    samples.reverse();
    assert_eq!(infer(&samples), inference);
});
