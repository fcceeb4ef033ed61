use super::*;

fn shape(text: &str) -> Shape {
    shape_of(&Node::parse(text.as_bytes()).unwrap())
}

#[test]
fn a_shape_is_places_and_types_whatever_stands_there() {
    let one = shape(r#"{"a":[{"b":1},{"b":2}],"c":"x"}"#);
    let other = shape(r#"{"c":"y","a":[{"b":3.5}]}"#);
    assert_eq!(one.fingerprint(), other.fingerprint());
    assert_ne!(one.fingerprint(), shape(r#"{"a":[{"b":"1"}],"c":"x"}"#).fingerprint());
    assert_eq!(one.fingerprint().as_str().len(), 16);
}

#[test]
fn keys_that_are_data_and_what_tools_take_are_no_part_of_a_shape() {
    let by_id = |id: &str| shape(&format!("{{\"by_id\":{{\"{id}\":{{\"v\":1}}}}}}"));
    assert_eq!(by_id("550e8400-e29b-41d4-a716-446655440000"), by_id("12345"));
    let many: Vec<String> = (0..40).map(|at| format!("\"word{}\":1", "x".repeat(at))).collect();
    let few: Vec<String> = (0..41).map(|at| format!("\"{at}\":1")).collect();
    assert_eq!(shape(&format!("{{{}}}", many.join(","))), shape(&format!("{{{}}}", few.join(","))));
    let with = |arguments: &str| shape(&format!("{{\"call\":{{\"arguments\":{arguments}}}}}"));
    assert_eq!(with(r#"{"city":"Oslo"}"#), with(r#"{"count":3}"#));
    let schema =
        |properties: &str| shape(&format!("{{\"t\":{{\"type\":\"object\",\"properties\":{properties}}}}}"));
    assert_eq!(schema(r#"{"a":{"type":"string"}}"#), schema("{}"));
}

#[test]
fn shapes_of_one_api_are_clustered_in_any_order() {
    let shapes = [
        shape(r#"{"a":1,"b":2,"c":3,"d":4}"#),
        shape(r#"{"x":1,"y":2}"#),
        shape(r#"{"a":1,"b":2,"c":3}"#),
        shape(r#"{"a":null,"b":2,"c":3,"d":"text"}"#),
        shape(r#"{"x":1,"y":2}"#),
    ];
    assert_eq!(clusters(&shapes), [vec![0, 2, 3], vec![1, 4]]);
    let turned: Vec<Shape> = shapes.iter().rev().cloned().collect();
    assert_eq!(clusters(&turned), [vec![0, 3], vec![1, 2, 4]]);
    assert!(shapes[0].similarity(&shapes[2]) > 0.7);
    assert!(shapes[0].similarity(&shapes[1]) < 0.1);
}

#[test]
fn paths_of_one_api_have_one_template() {
    let check = |path: &str, template: &str| assert_eq!(path_template(path), template, "{path}");
    check("/v1/chat", "/v1/chat");
    check("/v1/models/gemma-2:generate?key=1", "/v1/models/:p");
    check("/openai/deployments/my-gpt/run", "/openai/deployments/:p/run");
    check("/v2/550e8400-e29b-41d4-a716-446655440000/ask", "/v2/:p/ask");
    check("/runs/12345/steps/run_8fK2mQ9zLx03", "/runs/:p/steps/:p");
    check("/api/v3.5/generate-text", "/api/v3.5/generate-text");
    check("//v1//chat/", "/v1/chat");
    check("", "/");
}

#[test]
fn the_typical_shape_has_what_half_of_all_have() {
    let shapes = [shape(r#"{"a":1,"b":1}"#), shape(r#"{"a":1,"c":1}"#), shape(r#"{"a":1,"b":1}"#)];
    let places: Vec<String> = Shape::typical(&shapes).places().map(|(place, _)| place.to_owned()).collect();
    assert_eq!(places, ["/a", "/b"]);
}
