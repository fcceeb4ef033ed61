use super::*;

#[test]
fn prose_is_told_from_data() {
    for text in ["It is a good day.", "Вот и ответ на вопрос", "今日はとても良い天気ですね", "Ja, das ist so"]
    {
        assert!(is_prose(text) && !is_data(text), "{text}");
    }
    for text in [
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-01-02T03:04:05Z",
        "https://a.test/x",
        "msg_01XFDUDYJgAACzvnptvVoYEL",
    ] {
        assert!(is_data(text) && !is_prose(text), "{text}");
    }
    assert!(!is_prose("42 17 99 3") && !is_prose("Paris"));
}

fn column(path: &str, values: &[&str]) -> TextColumn {
    let path = Path::parse(path).unwrap();
    let text = crate::mapping::document::TextMapping { path: path.clone(), ..Default::default() };
    let values = values.iter().map(|value| Some((*value).to_owned())).collect();
    TextColumn { mapping: Mapping::Text(text), path, values, is_streamed: false }
}

fn places(columns: Vec<TextColumn>, said: &[&str]) -> Vec<String> {
    let said: Vec<Vec<String>> = said.iter().map(|line| vec![(*line).to_owned()]).collect();
    let said: Vec<&[String]> = said.iter().map(Vec::as_slice).collect();
    score(columns, Surroundings { said: &said, counts: &[] })
        .iter()
        .map(|text| text.column.path.to_string())
        .collect()
}

const ANSWERS: [&str; 3] =
    ["The river runs under the bridge.", "A candle burns in the window all night.", "Bread and pepper."];
const ASKED: [&str; 3] = [
    "Where does the river run to today?",
    "What burns there all through the night?",
    "What is there to eat for us?",
];

#[test]
fn a_preview_and_a_wrapped_copy_give_way_to_the_text_itself() {
    let previews: Vec<String> = ANSWERS.iter().map(|text| text.chars().take(12).collect()).collect();
    let wrapped: Vec<String> = ANSWERS.iter().map(|text| format!("<p>{text}</p>")).collect();
    let as_str = |texts: &[String]| texts.iter().map(|text| text.to_owned()).collect::<Vec<_>>();
    let (previews, wrapped) = (as_str(&previews), as_str(&wrapped));
    let previews: Vec<&str> = previews.iter().map(String::as_str).collect();
    let wrapped: Vec<&str> = wrapped.iter().map(String::as_str).collect();
    let columns = vec![column("/answer", &previews), column("/text", &wrapped), column("/q", &ANSWERS)];
    assert_eq!(places(columns, &ASKED), ["/q"]);
}

#[test]
fn an_echo_comes_last() {
    let columns = vec![column("/text", &ASKED), column("/qx", &ANSWERS)];
    assert_eq!(places(columns, &ASKED).first().map(String::as_str), Some("/qx"));
}
