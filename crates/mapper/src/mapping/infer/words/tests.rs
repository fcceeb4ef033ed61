use super::*;

#[test]
fn keys_are_cut_into_words_without_accents() {
    let check = |key: &str, expected: &[&str]| assert_eq!(tokens(key), expected, "{key}");
    check("maxOutput_tokens", &["max", "output", "tokens"]);
    check("HTTPStatus-code2", &["http", "status", "code", "2"]);
    check("Überlegung", &["uberlegung"]);
    check("raison_de_l'arrêt", &["raison", "de", "l", "arret"]);
    check("输入令牌", &["输入令牌"]);
    check("Причина", &["причина"]);
    check("", &[]);
}

#[test]
fn names_are_compared_by_their_words() {
    let likes = |concept, key: &str| likeness(concept, key) >= 0.75;
    let differs = |concept, key: &str| likeness(concept, key) < 0.75;
    for key in [
        "input_tokens",
        "promptTokenCount",
        "eingabetoken",
        "tokens_entree",
        "输入令牌数",
        "входные_токены",
        "入力トークン数",
    ] {
        assert!(likes(Concept::Input, key), "{key}");
        assert!(differs(Concept::Output, key), "{key}");
    }
    for key in
        ["output_tokens", "completionTokens", "ausgabetoken", "tokens_salida", "输出词元数", "出力トークン"]
    {
        assert!(likes(Concept::Output, key), "{key}");
        assert!(differs(Concept::Input, key), "{key}");
    }
    assert!(
        likes(Concept::Text, "antwort")
            && likes(Concept::Text, "generatedText")
            && likes(Concept::Text, "réponse")
    );
    assert!(likes(Concept::Reasoning, "Denkprozess") && likes(Concept::Reasoning, "思考"));
    assert!(differs(Concept::Text, "request_id") && differs(Concept::Model, "temperature"));
    assert!(likeness(Concept::Input, "zzz").abs() < f64::EPSILON);
}

#[test]
fn a_name_that_says_nothing_is_told_by_the_one_above() {
    let like = |concept, path: &str| place_likeness(concept, &Path::parse(path).unwrap());
    assert!(like(Concept::Input, "/input/tokens") >= 0.9);
    assert!(like(Concept::Output, "/metrics/[metric=num_completion_tokens]/value") >= 0.9);
    assert!(like(Concept::Input, "/input/duration") < 0.5);
}
