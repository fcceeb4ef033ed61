use super::*;
use crate::mapping::infer::Mapping;

fn pointer(path: &str, streamed: bool) -> Choice {
    Choice::Pointer { path: Path::parse(path).unwrap(), streamed }
}

fn candidate(mapping: Mapping) -> Choice {
    Choice::Candidate(Candidate { mapping, score: 0.5, reasons: Vec::new(), examples: Vec::new() })
}

#[test]
fn a_place_that_was_pointed_at_is_pinned() {
    let document = MappingDocument::default();
    let document = document.with_choice(Field::Text, &pointer("/answer/0", false)).unwrap();
    let document = document.with_choice(Field::Text, &pointer("/frag", true)).unwrap();
    assert_eq!(document.response.text.as_ref().unwrap().path.to_string(), "/answer/0");
    assert_eq!(document.stream.as_ref().unwrap().text.as_ref().unwrap().path.to_string(), "/frag");
    assert_eq!(document.pinned, [Field::Text].into());
}

#[test]
fn counts_are_pointed_at_one_by_one() {
    let json = r#"{"response":{"usage":{"input":"/a","output":"/b","total":"/c","identity":"input_output","zero":["/d"]}}}"#;
    let document = MappingDocument::parse(json).unwrap();
    let document = document.with_choice(Field::OutputTokens, &pointer("/e", false)).unwrap();
    let usage = document.response.usage.unwrap();
    assert_eq!(usage.output.unwrap().to_string(), "/e");
    assert_eq!((usage.identity, usage.zero.len()), (None, 0), "what held between the others holds no longer");
    let error = MappingDocument::default().with_choice(Field::Usage, &pointer("/e", false)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`usage` can't be settled by one pointer: point at the counts of input, output and total one by one"
    );
    let total =
        MappingDocument::default().with_choice(Field::TotalTokens, &pointer("/e", false)).unwrap_err();
    assert!(total.to_string().contains("neither input nor output"), "{total}");
}

#[test]
fn a_candidate_of_another_field_is_refused() {
    let path = Mapping::Path(Path::parse("/x").unwrap());
    let document = MappingDocument::default();
    assert!(document.with_choice(Field::Error, &candidate(path.clone())).is_ok());
    assert_eq!(document.with_choice(Field::Text, &candidate(path)), Err(ChoiceError::WrongCandidate("text")));
}

#[test]
fn nothing_is_a_choice() {
    let document = MappingDocument::default().with_choice(Field::Finish, &pointer("/end", true)).unwrap();
    let document = document.with_choice(Field::Finish, &Choice::Nothing).unwrap();
    assert_eq!((document.stream, document.pinned), (None, [Field::Finish].into()));
}
