//! APIs whose names are not English.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::scene::Scene;

/// German: nested, with a sum.
pub(crate) fn werkbank(scene: &mut Scene) -> Exchange {
    let verlauf: Vec<Value> = scene
        .dialogue("nutzer", "assistent")
        .iter()
        .map(|(sprecher, inhalt)| json!({"sprecher": sprecher, "inhalt": inhalt}))
        .collect();
    let request = json!({
        "modell": "werkbank-7b",
        "anweisung": scene.instruction,
        "verlauf": verlauf,
        "temperatur": 0.5
    });
    let grund = if scene.is_cut { "laenge" } else { "fertig" };
    let response = json!({
        "kennung": scene.random.uuid(),
        "modell": "werkbank-7b",
        "antwort": {"sprecher": "assistent", "inhalt": scene.answer},
        "abbruchgrund": grund,
        "verbrauch": {"eingabe": scene.input, "ausgabe": scene.output, "gesamt": scene.input + scene.output},
        "dauer": scene.duration_ms()
    });
    Exchange::json(scene, "/v1/gespraech", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("werkbank-7b")
        .finish(grund, if scene.is_cut { "length" } else { "stop" })
        .instructed(&scene.instruction)
}

/// German without a sum; a notice that is longer than most answers and always the same.
pub(crate) fn amtsblatt(scene: &mut Scene) -> Exchange {
    let request = json!({"frage": scene.question(), "sachgebiet": "baurecht"});
    let notice = "Diese Auskunft ersetzt keine Beratung. Sie wurde von einer Maschine verfasst und ist ohne \
                  Gewähr für Vollständigkeit, Richtigkeit und Aktualität; verbindlich sind allein die \
                  amtlichen Bekanntmachungen in der Fassung des Tages, an dem sie ausgehängt werden.";
    let response = json!({
        "auskunft": scene.answer,
        "hinweis": notice,
        "aktenzeichen": format!("B-{}/{}", scene.random.between(100, 999), scene.random.hex(4)),
        "zaehlung": {"frage_token": scene.input, "auskunft_token": scene.output}
    });
    Exchange::json(scene, "/auskunft", &request, &response)
        .counts(scene.input, scene.output)
        .prompt(&scene.question())
}

/// French: messages renamed, with a sum.
pub(crate) fn atelier(scene: &mut Scene) -> Exchange {
    let echanges: Vec<Value> = scene
        .dialogue("utilisateur", "assistant")
        .iter()
        .map(|(auteur, propos)| json!({"auteur": auteur, "propos": propos}))
        .collect();
    let request = json!({"modele": "atelier-moyen", "consigne": scene.instruction, "echanges": echanges});
    let response = json!({
        "reponse": {"auteur": "assistant", "propos": scene.answer},
        "consommation": {
            "jetons_entree": scene.input,
            "jetons_sortie": scene.output,
            "jetons_total": scene.input + scene.output
        },
        "motif_fin": "complet"
    });
    Exchange::json(scene, "/v1/converser", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("atelier-moyen")
        .finish("complet", "stop")
        .instructed(&scene.instruction)
}

/// Spanish, without a sum.
pub(crate) fn faro(scene: &mut Scene) -> Exchange {
    let mensajes: Vec<Value> = scene
        .dialogue("usuario", "asistente")
        .iter()
        .map(|(papel, texto)| json!({"papel": papel, "texto": texto}))
        .collect();
    let request = json!({"modelo": "faro-grande", "mensajes": mensajes, "temperatura": 0.2});
    let response = json!({
        "respuesta": scene.answer,
        "uso": {"fichas_entrada": scene.input, "fichas_salida": scene.output},
        "fecha": format!("2026-11-{:02}T10:20:30Z", 1 + scene.number % 28)
    });
    Exchange::json(scene, "/charla", &request, &response)
        .counts(scene.input, scene.output)
        .model("faro-grande")
}

/// Italian: the answer in a list of drafts with one draft.
pub(crate) fn bottega(scene: &mut Scene) -> Exchange {
    let request = json!({"richiesta": scene.question(), "modello": "bottega-12b"});
    let response = json!({
        "bozze": [{"numero": 1, "testo": scene.answer, "stato": "finito"}],
        "gettoni": {"ingresso": scene.input, "uscita": scene.output, "totale": scene.input + scene.output}
    });
    Exchange::json(scene, "/bottega/scrivi", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("bottega-12b")
        .finish("finito", "stop")
        .prompt(&scene.question())
}

/// Portuguese: server-sent events, the counts in the last.
pub(crate) fn varanda(scene: &mut Scene) -> Exchange {
    let mensagens: Vec<Value> = scene
        .dialogue("usuario", "assistente")
        .iter()
        .map(|(papel, conteudo)| json!({"papel": papel, "conteudo": conteudo}))
        .collect();
    let request = json!({"modelo": "varanda-2", "mensagens": mensagens, "fluxo": true});
    let mut events: Vec<(&str, String)> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| ("", json!({"tipo": "trecho", "trecho": piece}).to_string()))
        .collect();
    let usage = json!({"entrada": scene.input, "saida": scene.output, "total": scene.input + scene.output});
    events.push(("", json!({"tipo": "fim", "motivo": "parada", "consumo": usage}).to_string()));
    Exchange::events(scene, "/conversa", &request, &events)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("varanda-2")
        .finish("parada", "stop")
}

/// Russian: lines of JSON, the counts in the last.
pub(crate) fn mayak(scene: &mut Scene) -> Exchange {
    let lines: Vec<Value> = scene
        .dialogue("пользователь", "ассистент")
        .iter()
        .map(|(role, text)| json!({"роль": role, "текст": text}))
        .collect();
    let request = json!({"модель": "маяк-3", "сообщения": lines, "поток": true});
    let mut lines: Vec<Value> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .map(|piece| json!({"кусок": piece, "готово": false}))
        .collect();
    lines.push(json!({
        "кусок": "",
        "готово": true,
        "расход": {"вход": scene.input, "выход": scene.output, "всего": scene.input + scene.output}
    }));
    Exchange::lines(scene, "/v1/разговор", &request, &lines)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("маяк-3")
}

/// Chinese: names and texts, with a sum.
pub(crate) fn dengta(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("用户", "助手")
        .iter()
        .map(|(role, text)| json!({"角色": role, "内容": text}))
        .collect();
    let request = json!({"模型": "灯塔-72b", "对话": turns});
    let response = json!({
        "编号": scene.random.uuid(),
        "结果": {"角色": "助手", "内容": scene.answer},
        "用量": {"输入": scene.input, "输出": scene.output, "合计": scene.input + scene.output}
    });
    Exchange::json(scene, "/v1/duihua", &request, &response)
        .counts(scene.input, scene.output)
        .total(scene.input + scene.output)
        .model("灯塔-72b")
}

/// Chinese texts under names in Latin letters, in an envelope with a code; no sum.
pub(crate) fn shanquan(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("user", "bot")
        .iter()
        .map(|(sender, text)| json!({"sender_type": sender, "wenben": text}))
        .collect();
    let request = json!({"moxing": "shanquan-pro", "xiaoxi": turns});
    let response = json!({
        "base_resp": {"status_code": 0, "status_msg": "success"},
        "huida": scene.answer,
        "yongliang": {"shuru_tokens": scene.input, "shuchu_tokens": scene.output},
        "trace_id": scene.random.hex(32)
    });
    Exchange::json(scene, "/api/shanquan", &request, &response)
        .counts(scene.input, scene.output)
        .model("shanquan-pro")
}

/// Japanese texts under Japanese names in Latin letters; thoughts beside the answer.
pub(crate) fn todai(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("riyousha", "joshu")
        .iter()
        .map(|(yakuwari, naiyou)| json!({"yakuwari": yakuwari, "naiyou": naiyou}))
        .collect();
    let request = json!({"moderu": "todai-1", "kaiwa": turns});
    let response = json!({
        "kaitou": scene.answer,
        "shikou": scene.thought,
        "shiyouryou": {
            "nyuuryoku": scene.input,
            "shutsuryoku": scene.output,
            "shikou": scene.thinking,
            "goukei": scene.input + scene.output + scene.thinking
        }
    });
    Exchange::json(scene, "/kaiwa", &request, &response)
        .counts(scene.input, scene.output)
        .reasoning(scene.thinking, false)
        .total(scene.input + scene.output + scene.thinking)
        .model("todai-1")
}

/// Korean: server-sent events with Korean names; no counts.
pub(crate) fn deungdae(scene: &mut Scene) -> Exchange {
    let turns: Vec<Value> = scene
        .dialogue("사용자", "도우미")
        .iter()
        .map(|(role, text)| json!({"역할": role, "말": text}))
        .collect();
    let request = json!({"모델": "등대-2", "대화": turns});
    let mut events: Vec<(&str, String)> = scene
        .pieces(&scene.answer.clone())
        .iter()
        .enumerate()
        .map(|(at, piece)| ("조각", json!({"순서": at, "말": piece}).to_string()))
        .collect();
    events.push(("끝", json!({"이유": "완료"}).to_string()));
    Exchange::events(scene, "/daehwa", &request, &events).model("등대-2").finish("완료", "stop")
}

/// Arabic texts under English names; the counts in a stringly envelope beside them.
pub(crate) fn manara(scene: &mut Scene) -> Exchange {
    let request = json!({"data": {"question": scene.question(), "lang": "ar"}, "model_name": "manara-13b"});
    let response = json!({
        "data": {"answer": scene.answer, "lang": "ar", "confidence": 0.87},
        "meta": {
            "input_tokens": scene.input,
            "output_tokens": scene.output,
            "region": "me-south",
            "node": scene.random.between(1, 64)
        }
    });
    Exchange::json(scene, "/ar/ask", &request, &response)
        .counts(scene.input, scene.output)
        .model("manara-13b")
        .prompt(&scene.question())
}
