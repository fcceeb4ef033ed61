use super::*;

#[test]
fn bodies_are_read_as_they_are() {
    let text = r#"{"b":[1,-2,1.5,null,true,"x"],"a":{}}"#;
    let node = Node::parse(text.as_bytes()).unwrap();
    assert_eq!(
        node.to_json(),
        serde_json::from_str::<serde_json::Value>(r#"{"b":[1,-2.0,1.5,null,true,"x"],"a":{}}"#).unwrap()
    );
    assert_eq!(Node::parse(b"{} x"), None);
    assert_eq!(Node::parse(b"{\"a\":1,\"a\":2}").unwrap().member("a"), Some(&Node::Integer(2)));
}

#[test]
fn counts_are_whole_numbers_however_they_are_written() {
    let check = |text: &str, expected: Option<u64>| {
        assert_eq!(Node::parse(text.as_bytes()).unwrap().count(), expected, "{text}");
    };
    check("7", Some(7));
    check("7.0", Some(7));
    check("\"7\"", Some(7));
    check("0", Some(0));
    check("-7", None);
    check("7.5", None);
    check("\"07\"", None);
    check("\"+7\"", None);
    check("\"\"", None);
    check("true", None);
}

#[test]
fn bodies_over_a_bound_are_not_read() {
    let leaves = |count: usize| format!("[{}]", vec!["\"x\""; count].join(","));
    assert!(Node::parse(leaves(MAX_LEAVES).as_bytes()).is_some());
    assert_eq!(Node::parse(leaves(MAX_LEAVES + 1).as_bytes()), None);
    let empty = format!("[{}]", vec!["[]"; MAX_LEAVES + 1].join(","));
    assert_eq!(Node::parse(empty.as_bytes()), None);
    let long = format!("\"{}\"", "x".repeat(MAX_BODY_BYTES));
    assert_eq!(Node::parse(long.as_bytes()), None);
}

#[test]
fn vectors_don_t_hide_what_stands_beside_them() {
    let body = format!("{{\"vector\":[{}],\"text\":\"x\"}}", vec!["0.25"; 100_000].join(","));
    let node = Node::parse(body.as_bytes()).unwrap();
    assert_eq!(node.member("text").and_then(Node::text), Some("x"));
    assert_eq!(node.member("vector").and_then(Node::list).map(<[Node]>::len), Some(MAX_NUMBERS));
}

#[test]
fn what_is_nested_too_deep_is_left_out_by_itself() {
    let deep = format!("{}1{}", "[".repeat(MAX_DEPTH + 5), "]".repeat(MAX_DEPTH + 5));
    let body = format!("{{\"deep\":{deep},\"text\":\"x\"}}");
    let node = Node::parse(body.as_bytes()).unwrap();
    assert_eq!(node.member("text").and_then(Node::text), Some("x"));
    let path = crate::mapping::Path::parse(&format!("/deep{}", "/0".repeat(MAX_DEPTH - 1))).unwrap();
    assert_eq!(path.first(&node), Some(&Node::List(vec![Node::Null])));
}
