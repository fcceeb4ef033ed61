use super::*;

const STORED: &str = r#"{"id":"map_1","version":3,"status":"ACTIVE","parent":2,"created_by":"job",
    "scope":{"org":null,"host":"api.acme.test","method":"POST","path":"/v1/:p/generate"},
    "shapes":{"request":["h1","h2"],"response":["h7"],"stream":["h9"]},
    "request":{"messages":{"each":"/dialogue/*","role":"/speaker","content":["/utterance"],"roles":{"human":"user"}},
        "model":{"path":"/engine"},"params":{"temperature":"/opts/heat"}},
    "response":{"text":{"path":"/turn/utterance","join":""},
        "usage":{"input":"/accounting/in","output":"/accounting/out","total":"/accounting/sum","identity":"input_output"},
        "finish":{"path":"/ended_because","map":{"eos":"stop"}},"error":"/error/message"},
    "stream":{"framing":"sse","done":"[DONE]","text":{"select":{"members":{"/type":"chunk"}},"path":"/frag","mode":"concat"},
        "usage":{"counts":{"input":"/accounting/in","output":"/accounting/out"},"mode":"last"}},
    "evidence":{"samples":41,"held_out":9,"scores":{"text":0.88,"usage":2.3},"runner_up":{"text":"/debug/note"},"engine":"infer-1"}}"#;

#[test]
fn the_stored_form_is_read_back_as_it_was() {
    let document = MappingDocument::parse(STORED).unwrap();
    assert_eq!(document.status, Some(MappingStatus::Active));
    assert_eq!(document.response.finish.as_ref().unwrap().map["eos"], "stop");
    let again = serde_json::to_string(&document).unwrap();
    assert_eq!(MappingDocument::parse(&again).unwrap(), document);
}

#[track_caller]
fn check(from: &str, to: &str, message: &str) {
    assert!(STORED.contains(from));
    let error = MappingDocument::parse(&STORED.replace(from, to)).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn errors_name_the_pointer_or_the_member() {
    check("\"/engine\"", "\"engine\"", "pointer `engine` does not begin with `/`");
    check("\"/frag\"", "\"/[frag\"", "pointer `/[frag` has a selector");
    check("\"done\"", "\"dun\"", "unknown field `dun`");
    check("\"content\":[\"/utterance\"]", "\"content\":[]", "`request.messages.content` names no place");
    check("\"total\":\"/accounting/sum\",", "", "`response.usage` has an identity, but not all counts");
    check(
        "\"counts\":{\"input\":\"/accounting/in\",\"output\":\"/accounting/out\"}",
        "\"counts\":{}",
        "`stream.usage` has neither input nor output",
    );
}

#[test]
fn every_status_is_read_back_by_its_name() {
    for status in MappingStatus::ALL {
        assert_eq!(MappingStatus::parse(status.as_str()), Some(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}
