use proptest::prelude::*;

use super::*;

const BODY: &str = r#"{"a":[{"t":"x","v":"one"},{"t":"y","v":"two"},{"t":"x","v":"three"}],"*":"star","[k":{"~/":7},
    "o":{"p":{"v":1},"q":{"v":2}},"a=b":[{"c=d":"e=f","v":"four"}]}"#;

#[track_caller]
fn check(path: &str, expected: &[&str]) {
    let body = Node::parse(BODY.as_bytes()).unwrap();
    let path = Path::parse(path).unwrap();
    let found: Vec<String> = path.all(&body).into_iter().map(|node| node.to_json().to_string()).collect();
    assert_eq!(found, expected);
    assert_eq!(Path::parse(&path.to_string()), Ok(path));
}

#[test]
fn paths_lead_where_they_say() {
    check("/a/0/v", &["\"one\""]);
    check("/a/*/v", &["\"one\"", "\"two\"", "\"three\""]);
    check("/a/[t=x]/v", &["\"one\"", "\"three\""]);
    check("/a/[t=z]/v", &[]);
    check("/a/9/v", &[]);
    check("/o/*/v", &["1", "2"]);
    check("/~2", &["\"star\""]);
    check("/~3k/~0~1", &["7"]);
    check("/a=b/[c~4d=e=f]/v", &["\"four\""]);
}

#[test]
fn what_is_no_path_is_named() {
    let check = |text: &str, message: &str| {
        assert_eq!(Path::parse(text).unwrap_err().to_string(), message);
    };
    check("a/b", "pointer `a/b` does not begin with `/`");
    check("/a~9", "pointer `/a~9` has a `~` that is not followed by a digit from 0 to 4");
    check("/[a]", "pointer `/[a]` has a selector that is not of the form `[key=value]`");
    check("/[=a]/b", "pointer `/[=a]/b` has a selector that is not of the form `[key=value]`");
    let deep = "/a".repeat(MAX_DEPTH + 1);
    assert!(matches!(Path::parse(&deep), Err(PathError::TooDeep(text)) if text == deep));
}

#[test]
fn paths_are_shown_in_the_notation_of_json_path() {
    let path = Path::parse("/a/*/[type=text]/0/it's").unwrap();
    assert_eq!(path.to_json_path(), r#"$["a"][*][?(@["type"]=="text")][0]["it's"]"#);
}

proptest! {
    #[test]
    fn every_path_is_read_back_as_it_was(keys in prop::collection::vec("[a-z*~/\\[\\]=.0-9]{1,6}", 0..6)) {
        let segments = keys.iter().enumerate().map(|(at, key)| match at % 3 {
            0 => Segment::Key(key.clone()),
            1 => Segment::Where { key: key.clone(), value: key.clone() },
            _ => Segment::Each,
        });
        let path = Path::new(segments.collect());
        prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
    }
}
