//! The lists: words in small letters without accents and without what joins them.

/// What a key may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mapping::infer) enum Concept {
    /// The text of an answer.
    Text,
    /// The list of messages.
    Messages,
    /// What is asked, as one text.
    Prompt,
    /// What the model is told about itself.
    System,
    /// Which model.
    Model,
    /// Who speaks.
    Role,
    /// Tokens that went in.
    Input,
    /// Tokens that came out.
    Output,
    /// Tokens altogether.
    Total,
    /// Tokens out of a cache.
    Cached,
    /// Thoughts before the answer.
    Reasoning,
    /// Why an answer ended.
    Finish,
    /// What went wrong.
    Error,
    /// Several answers to one question.
    Choices,
    /// What tells the kinds of elements apart.
    Kind,
    /// Tokens.
    Token,
    /// Units of something else: letters, time, money.
    NotTokens,
    /// What is left, allowed or summed up over calls, and numbers that count nothing.
    Quota,
    /// What is written into a cache.
    Writing,
    /// That a count has a unit.
    Unit,
    /// What is no part of an answer: logs, sources, what was asked.
    Aside,
    /// What is about a call, not said in it.
    Bookkeeping,
    /// Declared or called tools.
    Tools,
    /// Says nothing by itself.
    Neutral,
}

impl Concept {
    /// Returns the words of the concept.
    pub(in crate::mapping::infer) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Text => TEXT,
            Self::Messages => MESSAGES,
            Self::Prompt => PROMPT,
            Self::System => SYSTEM,
            Self::Model => MODEL,
            Self::Role => ROLE,
            Self::Input => INPUT,
            Self::Output => OUTPUT,
            Self::Total => TOTAL,
            Self::Cached => CACHED,
            Self::Reasoning => REASONING,
            Self::Finish => FINISH,
            Self::Error => ERROR,
            Self::Choices => CHOICES,
            Self::Kind => KIND,
            Self::Token => TOKEN,
            Self::NotTokens => NOT_TOKENS,
            Self::Quota => QUOTA,
            Self::Writing => WRITING,
            Self::Unit => UNIT,
            Self::Aside => ASIDE,
            Self::Bookkeeping => BOOKKEEPING,
            Self::Tools => TOOLS,
            Self::Neutral => NEUTRAL,
        }
    }
}

#[rustfmt::skip]
const TEXT: &[&str] = &[
    "text", "content", "answer", "completion", "output", "outputtext", "generatedtext", "generated", "generation",
    "response", "reply", "result", "message", "body", "utterance", "delta", "chunk", "fragment", "frag", "token",
    "value", "speech", "says", "said", "written", "produced", "solution", "prediction", "continuation", "markdown",
    "antwort", "ausgabe", "ergebnis", "inhalt", "nachricht", "erwiderung", "erzeugt", "stuck", "teil", "wortlaut",
    "reponse", "texte", "contenu", "sortie", "resultat", "morceau", "genere", "reply", "suite",
    "respuesta", "texto", "contenido", "salida", "resultado", "contestacion", "trozo", "fragmento", "generado",
    "resposta", "conteudo", "saida", "trecho", "gerado", "parte",
    "risposta", "testo", "contenuto", "uscita", "risultato", "frammento", "generato", "pezzo",
    "回答", "答案", "内容", "文本", "输出", "回复", "结果", "生成", "正文", "片段", "增量", "答复", "文字",
    "応答", "本文", "出力", "返答", "テキスト", "結果", "断片", "差分", "答え", "内容", "文章",
    "ответ", "текст", "содержание", "вывод", "результат", "содержимое", "фрагмент", "кусок", "часть",
];
#[rustfmt::skip]
const MESSAGES: &[&str] = &[
    "messages", "message", "chat", "conversation", "dialogue", "dialog", "turns", "turn", "history", "chathistory",
    "thread", "exchange", "transcript", "contents", "utterances", "log",
    "nachrichten", "gesprach", "verlauf", "unterhaltung", "unterredung",
    "echanges", "historique", "fil", "entretien", "tours",
    "mensajes", "conversacion", "dialogo", "historial", "charla", "turnos",
    "mensagens", "conversa", "historico", "messaggi", "conversazione", "cronologia", "turni",
    "消息", "对话", "会话", "聊天", "历史", "メッセージ", "会話", "対話", "履歴",
    "сообщения", "сообщение", "диалог", "беседа", "история", "разговор", "реплики",
];
#[rustfmt::skip]
const PROMPT: &[&str] = &[
    "prompt", "input", "inputs", "inputtext", "query", "question", "instruction", "ask", "text", "message", "request",
    "userprompt", "usermessage", "usertext", "userinput", "utterance", "task", "said",
    "eingabe", "frage", "anfrage", "aufforderung", "auftrag", "eingabetext",
    "entree", "requete", "invite", "consigne", "demande",
    "entrada", "pregunta", "consulta", "peticion", "indicacion", "pergunta", "comando", "domanda", "richiesta",
    "ingresso", "testo", "texto", "texte",
    "提示", "提示词", "输入", "问题", "提问", "プロンプト", "入力", "質問", "問い",
    "запрос", "вопрос", "подсказка", "ввод", "промпт", "задание",
];
#[rustfmt::skip]
const SYSTEM: &[&str] = &[
    "system", "preamble", "instructions", "systeminstruction", "systemprompt", "systemmessage", "systemtext",
    "persona", "context", "guidelines", "sysprompt", "sys", "behaviour", "behavior",
    "systemanweisung", "anweisung", "anweisungen", "vorgabe", "rolle", "vorspann",
    "systeme", "consignes", "preambule", "sistema", "instrucciones", "preambulo", "instrucoes", "istruzioni",
    "系统", "系统提示", "指令", "人设", "システム", "指示", "система", "системный", "инструкция", "инструкции",
];
#[rustfmt::skip]
const MODEL: &[&str] = &[
    "model", "modelid", "modelname", "engine", "engineid", "deployment", "deploymentid", "llm", "modelversion",
    "modell", "modellname", "modele", "modelo", "modello", "motor", "moteur", "motore", "maschine",
    "模型", "モデル", "модель", "движок",
];
#[rustfmt::skip]
const ROLE: &[&str] = &[
    "role", "speaker", "author", "sender", "from", "who", "by", "actor", "party", "participant", "side",
    "rolle", "sprecher", "wer", "absender", "autor", "locuteur", "qui", "auteur", "rol", "quien", "hablante",
    "emisor", "papel", "quem", "ruolo", "chi", "mittente",
    "角色", "发言人", "身份", "役割", "話者", "роль", "кто", "автор", "отправитель",
];
#[rustfmt::skip]
const INPUT: &[&str] = &[
    "input", "in", "prompt", "inputs", "request", "query", "context", "sent", "promptn", "ingested", "incoming",
    "read", "ingress", "consumed", "question", "prefill", "ntokensin", "fed", "asked",
    "eingabe", "eingang", "anfrage", "ein", "rein", "gelesen", "entree", "entrees", "requete", "lus", "invite",
    "entrada", "entradas", "pregunta", "consulta", "leidos", "entrata", "ingresso", "richiesta", "domanda", "pergunta",
    "输入", "提示", "提示词", "请求", "入力", "プロンプト", "ввод", "вход", "входные", "входных", "запрос",
    "запроса", "промпт",
];
#[rustfmt::skip]
const OUTPUT: &[&str] = &[
    "output", "out", "completion", "generated", "generation", "outputs", "response", "reply", "answer", "produced",
    "candidates", "candidate", "emitted", "written", "outgoing", "egress", "gen", "eval", "predicted", "made",
    "received", "completions", "decoded", "sampled",
    "ausgabe", "ausgang", "antwort", "erzeugt", "raus", "geschrieben", "generiert", "sortie", "sorties", "reponse",
    "generes", "produits", "salida", "salidas", "respuesta", "generados", "saida", "saidas", "resposta", "gerados",
    "uscita", "risposta", "generati", "prodotti",
    "输出", "生成", "回答", "补全", "出力", "応答", "вывод", "выход", "выходные", "выходных", "ответ", "ответа",
    "сгенерировано",
];
#[rustfmt::skip]
const TOTAL: &[&str] = &[
    "total", "sum", "all", "overall", "totals", "combined", "both", "grand", "altogether", "together", "billed",
    "gesamt", "summe", "insgesamt", "zusammen", "alle", "somme", "ensemble", "suma", "todo", "todos", "soma",
    "totale", "totali", "somma", "tutti", "tous",
    "总", "总计", "总数", "合计", "总共", "总和", "总量", "合計", "全体", "всего", "итого", "сумма", "общее",
];
#[rustfmt::skip]
const CACHED: &[&str] = &[
    "cached", "cache", "cachehit", "cacheread", "fromcache", "hit", "hits", "reused", "warm", "remembered",
    "zwischenspeicher", "zwischengespeichert", "gecacht", "wiederverwendet", "cachees", "encache", "reutilises",
    "encache", "cacheados", "reutilizados", "almacenados", "armazenados", "memorizzati", "riutilizzati", "incache",
    "缓存", "命中", "キャッシュ", "再利用", "кэш", "кеш", "кэшированные", "кэша", "кэшировано",
];
#[rustfmt::skip]
const REASONING: &[&str] = &[
    "reasoning", "thinking", "thought", "thoughts", "think", "rationale", "cot", "chainofthought", "deliberation",
    "reflection", "scratchpad", "musing", "musings", "analysis", "reflections", "pondering", "inner", "monologue",
    "uberlegung", "uberlegungen", "gedanken", "denken", "nachdenken", "denkprozess", "begrundung", "grubeln",
    "raisonnement", "reflexion", "pensee", "pensees", "razonamiento", "pensamiento", "pensamientos", "reflexiones",
    "raciocinio", "pensamento", "pensamentos", "ragionamento", "pensiero", "pensieri", "riflessione",
    "推理", "思考", "思维", "思维链", "推論", "思考過程", "рассуждение", "рассуждения", "размышление", "размышления",
    "мысли", "мышление",
];
#[rustfmt::skip]
const FINISH: &[&str] = &[
    "finishreason", "stopreason", "finish", "endreason", "stoppedby", "stopcause", "terminationreason", "reason",
    "endedbecause", "completionreason", "ended", "stopped", "whystopped", "doneReason", "donereason", "halt", "cause",
    "ende", "grund", "endegrund", "beendet", "stoppgrund", "abbruchgrund", "endgrund", "schluss",
    "fin", "raison", "raisonfin", "motif", "razon", "motivo", "final", "motivofin", "motivofim", "fim", "fine",
    "motivofine", "causa", "结束原因", "停止原因", "完成原因", "结束", "原因", "終了理由", "停止理由", "終了", "理由",
    "причина", "завершение", "причиназавершения", "окончание", "причинаостановки",
];
#[rustfmt::skip]
const ERROR: &[&str] = &[
    "error", "errors", "message", "detail", "details", "fault", "failure", "problem", "errormessage", "reason",
    "msg", "description", "exception", "title",
    "fehler", "meldung", "fehlermeldung", "erreur", "panne", "mensaje", "fallo", "erro", "falha", "mensagem",
    "errore", "messaggio", "guasto", "错误", "信息", "失败", "エラー", "失敗", "ошибка", "сообщение", "сбой",
];
#[rustfmt::skip]
const CHOICES: &[&str] = &[
    "choices", "candidates", "generations", "alternatives", "completions", "predictions", "variants", "options",
    "answers", "samples", "hypotheses", "beams", "suggestions", "drafts",
    "antworten", "varianten", "vorschlage", "kandidaten", "alternativen", "reponses", "choix", "variantes",
    "respuestas", "opciones", "candidatos", "alternativas", "respostas", "opcoes", "risposte", "scelte", "varianti",
    "候选", "选项", "候補", "選択肢", "варианты", "ответы", "кандидаты",
];
#[rustfmt::skip]
const KIND: &[&str] = &[
    "type", "kind", "event", "object", "category", "class", "variant", "tag", "name", "metric", "role", "channel",
    "typ", "art", "sorte", "genre", "tipo", "clase", "classe", "nome", "nombre", "nom", "类型", "种类", "名称",
    "種類", "種別", "名前", "тип", "вид", "имя", "событие", "label", "key",
];
#[rustfmt::skip]
const TOKEN: &[&str] = &[
    "token", "tokens", "tok", "toks", "subwords", "wordpieces", "jeton", "jetons", "tokenanzahl", "tokenzahl",
    "令牌", "词元", "トークン", "токен", "токены", "токенов", "токена", "symbolen",
];
#[rustfmt::skip]
const NOT_TOKENS: &[&str] = &[
    "character", "characters", "char", "chars", "letters", "bytes", "byte", "words", "word", "length", "size", "kb",
    "lines", "sentences", "graphemes", "glyphs", "codepoints", "len", "zeichen", "buchstaben", "worter", "laenge",
    "lange", "caracteres", "lettres", "mots", "octets", "longueur", "letras", "palabras", "longitud", "palavras",
    "caratteri", "lettere", "parole", "lunghezza", "字符", "字数", "字节", "长度", "文字数", "文字", "単語", "バイト",
    "символ", "символы", "символов", "слов", "слова", "буквы", "байт", "байты", "длина", "знаков",
    "duration", "latency", "ms", "ns", "us", "sec", "secs", "second", "seconds", "millis", "milliseconds", "time",
    "timing", "timings", "elapsed", "took", "millisecond", "speed", "tps", "rate", "per", "wait", "queue", "runtime",
    "dauer", "zeit", "sekunden", "laufzeit", "wartezeit", "duree", "temps", "delai", "secondes", "duracion", "tiempo",
    "segundos", "duracao", "tempo", "durata", "secondi", "耗时", "时间", "毫秒", "延迟", "秒", "時間", "ミリ秒",
    "所要", "время", "длительность", "секунд", "задержка", "мс", "timestamp", "created", "expires", "date",
    "cost", "costs", "price", "cents", "cent", "usd", "eur", "credits", "credit", "charge", "charged", "fee", "amount",
    "micros", "spend", "money", "dollars", "kosten", "preis", "betrag", "guthaben", "cout", "prix", "centimes",
    "costo", "coste", "precio", "centavos", "custo", "preco", "prezzo", "centesimi", "费用", "价格", "金额", "分",
    "費用", "料金", "価格", "стоимость", "цена", "копеек", "баланс", "balance",
];
#[rustfmt::skip]
const QUOTA: &[&str] = &[
    "remaining", "left", "limit", "limits", "quota", "max", "maximum", "budget", "allowance", "window", "capacity",
    "available", "cumulative", "session", "lifetime", "today", "daily", "monthly", "hour", "sofar", "ceiling",
    "ubrig", "verbleibend", "restlich", "kontingent", "grenze", "restant", "restants", "reste", "limite", "restante",
    "restantes", "cuota", "rimanenti", "rimasti", "剩余", "配额", "限额", "上限", "残り", "制限", "остаток",
    "осталось", "лимит", "квота", "month", "day",
    "seed", "index", "id", "code", "status", "version", "port", "retries", "attempt", "attempts", "rank", "score",
    "steps", "layers", "batch", "requests", "calls", "sequence", "seq", "position", "offset", "graine",
    "semilla", "semente", "seme", "saat", "startwert", "种子", "シード", "сид", "номер",
];
#[rustfmt::skip]
const WRITING: &[&str] = &[
    "creation", "write", "writes", "written", "created", "stored", "storing", "miss", "misses", "missed", "geschrieben",
    "ecrits", "escritos", "escritura", "scritti", "gravados", "写入", "未命中", "書込", "書き込み", "запись", "записано",
];
#[rustfmt::skip]
const UNIT: &[&str] = &[
    "unit", "units", "measure", "measuredin", "einheit", "unite", "unidad", "unidade", "unita", "medida", "uom",
    "单位", "単位", "единица", "единицы", "type", "kind",
];
#[rustfmt::skip]
const ASIDE: &[&str] = &[
    "log", "logs", "trace", "traces", "debug", "citation", "citations", "document", "documents", "prompt", "input",
    "source", "sources", "snippet", "snippets", "title", "echo", "warning", "warnings", "notice", "disclaimer",
    "query", "question", "suggestion", "followup", "followups", "suggestions", "reference", "references", "passage",
    "passages", "retrieved", "evidence", "summary", "excerpt", "preview", "digest", "headline", "request", "tooltip",
    "help", "hint", "hints", "note", "notes", "moderation", "safety", "original", "context", "instruction", "memo",
    "annotation", "annotations", "stderr", "stdout", "audit", "diagnostics", "diagnostic", "history", "comment",
    "protokoll", "quelle", "quellen", "hinweis", "warnung", "frage", "eingabe", "anfrage", "titel", "zitat",
    "beleg", "zusammenfassung", "journal", "avertissement", "requete", "extrait", "titre", "resume",
    "fuente", "fuentes", "aviso", "registro", "pregunta", "entrada", "titulo", "resumen", "fonte", "fontes",
    "pergunta", "resumo", "fonti", "avviso", "domanda", "titolo", "riassunto", "richiesta",
    "日志", "来源", "引用", "提示", "问题", "警告", "标题", "摘要", "输入", "调试", "ログ", "出典", "質問", "入力",
    "要約", "журнал", "лог", "источник", "источники", "вопрос", "запрос", "предупреждение", "заголовок", "цитата",
    "отладка",
];
#[rustfmt::skip]
const BOOKKEEPING: &[&str] = &[
    "id", "ids", "uid", "uuid", "guid", "created", "url", "uri", "role", "type", "model", "reason", "status",
    "signature", "hash", "version", "arguments", "fingerprint", "requestid", "timestamp", "date", "time", "region",
    "host", "kind", "object", "language", "lang", "locale", "checksum", "digest", "nonce", "cursor", "etag", "node",
    "stelle", "kennung", "identifiant", "identificador", "标识", "编号", "идентификатор",
];
#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "tool", "tools", "function", "functions", "schema", "toolcall", "toolcalls", "call", "calls", "action", "actions",
    "invocation", "invocations", "werkzeug", "werkzeuge", "funktion", "outil", "outils", "fonction", "herramienta",
    "herramientas", "funcion", "ferramenta", "ferramentas", "strumento", "strumenti", "工具", "函数", "ツール", "関数",
    "инструмент", "инструменты", "функция",
];
#[rustfmt::skip]
const NEUTRAL: &[&str] = &[
    "token", "tokens", "tok", "toks", "count", "counts", "counter", "num", "number", "n", "usage", "value", "amount",
    "metrics", "metric", "stats", "statistics", "of", "the", "used", "quantity", "qty", "anzahl", "zahl", "wert",
    "verbrauch", "nombre", "valeur", "numero", "cantidad", "valor", "uso", "quantidade", "conteggio", "valore",
    "jeton", "jetons", "de", "der", "des", "di", "do", "da", "du", "la", "le", "el", "il",
    "数", "数量", "用量", "令牌", "令牌数", "词元", "词元数", "值", "トークン", "トークン数", "使用量", "値",
    "токен", "токены", "токенов", "число", "количество", "значение", "расход", "units", "unit", "meter",
    "tokenanzahl", "tokenzahl",
];

/// Values that say who speaks → our word.
#[rustfmt::skip]
pub(in crate::mapping::infer) const ROLES: &[(&str, &str)] = &[
    ("user", "user"), ("human", "user"), ("customer", "user"), ("client", "user"), ("me", "user"), ("person", "user"),
    ("caller", "user"), ("guest", "user"), ("visitor", "user"), ("asker", "user"), ("you", "user"), ("u", "user"),
    ("h", "user"), ("enduser", "user"), ("requester", "user"), ("visiteur", "user"),
    ("nutzer", "user"), ("benutzer", "user"), ("mensch", "user"), ("kunde", "user"), ("anwender", "user"),
    ("utilisateur", "user"), ("humain", "user"), ("usuario", "user"), ("humano", "user"), ("cliente", "user"),
    ("utente", "user"), ("umano", "user"), ("utilizador", "user"),
    ("用户", "user"), ("人类", "user"), ("客户", "user"), ("ユーザー", "user"), ("人間", "user"), ("利用者", "user"),
    ("пользователь", "user"), ("человек", "user"), ("клиент", "user"),
    ("assistant", "assistant"), ("ai", "assistant"), ("bot", "assistant"), ("model", "assistant"),
    ("chatbot", "assistant"), ("agent", "assistant"), ("machine", "assistant"), ("llm", "assistant"),
    ("a", "assistant"), ("helper", "assistant"), ("robot", "assistant"), ("assistent", "assistant"),
    ("ki", "assistant"), ("modell", "assistant"), ("maschine", "assistant"), ("helfer", "assistant"),
    ("modele", "assistant"), ("ia", "assistant"), ("asistente", "assistant"), ("modelo", "assistant"),
    ("assistente", "assistant"), ("modello", "assistant"), ("助手", "assistant"), ("模型", "assistant"),
    ("机器人", "assistant"), ("アシスタント", "assistant"), ("モデル", "assistant"), ("助理", "assistant"),
    ("ассистент", "assistant"), ("помощник", "assistant"), ("бот", "assistant"), ("модель", "assistant"),
    ("system", "system"), ("developer", "system"), ("instruction", "system"), ("instructions", "system"),
    ("operator", "system"), ("sys", "system"), ("admin", "system"), ("systeme", "system"), ("sistema", "system"),
    ("系统", "system"), ("システム", "system"), ("система", "system"),
    ("tool", "tool"), ("function", "tool"), ("werkzeug", "tool"), ("outil", "tool"), ("herramienta", "tool"),
    ("ferramenta", "tool"), ("strumento", "tool"), ("工具", "tool"), ("ツール", "tool"), ("инструмент", "tool"),
];

/// Words with which answers end → ours.
#[rustfmt::skip]
pub(in crate::mapping::infer) const ENDS: &[(&str, &str)] = &[
    ("stop", "stop"), ("endturn", "stop"), ("eos", "stop"), ("eostoken", "stop"), ("complete", "stop"),
    ("completed", "stop"), ("stopsequence", "stop"), ("end", "stop"), ("finished", "stop"), ("done", "stop"),
    ("endoftext", "stop"), ("natural", "stop"), ("stopped", "stop"), ("finish", "stop"), ("stopword", "stop"),
    ("ende", "stop"), ("fertig", "stop"), ("fertiggestellt", "stop"), ("fin", "stop"), ("termine", "stop"),
    ("completado", "stop"), ("terminado", "stop"), ("concluido", "stop"), ("fim", "stop"), ("fine", "stop"),
    ("finito", "stop"), ("completato", "stop"), ("完成", "stop"), ("结束", "stop"), ("停止", "stop"), ("完了", "stop"),
    ("終了", "stop"), ("завершено", "stop"), ("конец", "stop"), ("стоп", "stop"), ("готово", "stop"),
    ("length", "length"), ("maxtokens", "length"), ("maxlength", "length"), ("tokenlimit", "length"),
    ("truncated", "length"), ("maxoutputtokens", "length"), ("limit", "length"), ("lengthlimit", "length"),
    ("maxnewtokens", "length"), ("lange", "length"), ("langengrenze", "length"), ("longueur", "length"),
    ("longitud", "length"), ("comprimento", "length"), ("lunghezza", "length"), ("长度", "length"),
    ("長さ", "length"), ("длина", "length"), ("budget", "length"), ("cutoff", "length"),
    ("toolcalls", "tool_calls"), ("tooluse", "tool_calls"), ("toolcall", "tool_calls"),
    ("functioncall", "tool_calls"), ("tool", "tool_calls"),
    ("contentfilter", "content_filter"), ("safety", "content_filter"), ("filtered", "content_filter"),
    ("blocked", "content_filter"), ("refusal", "content_filter"), ("moderation", "content_filter"),
];

/// Parameters: our name, other names, what a value may be.
#[rustfmt::skip]
pub(in crate::mapping::infer) const PARAMETERS: &[(&str, Range, &[&str])] = &[
    ("temperature", Range::Number(0.0, 2.0), &["temperature", "temp", "heat", "temperatur", "temperatura", "温度", "температура", "randomness"]),
    ("top_p", Range::Number(0.0, 1.0), &["topp", "nucleus", "nucleussampling"]),
    ("top_k", Range::Integer(0), &["topk"]),
    ("max_tokens", Range::Integer(1), &["maxtokens", "maxtokencount", "maxnewtokens", "maxlength", "maxoutputtokens",
        "maxcompletiontokens", "maximumtokens", "maxgenlen", "maxgenerationlength", "numpredict", "maxoutput",
        "tokenlimit", "outputlimit", "maxtoken", "tokenstogenerate", "maxtokenstosample"]),
    ("stop", Range::Texts, &["stop", "stopsequences", "stopwords", "stopsequence", "stopat", "stops"]),
    ("stream", Range::Flag, &["stream", "streaming", "isstream", "streamed", "流式", "incremental"]),
    ("seed", Range::Integer(0), &["seed", "randomseed", "种子"]),
    ("presence_penalty", Range::Number(-2.0, 2.0), &["presencepenalty"]),
    ("frequency_penalty", Range::Number(-2.0, 2.0), &["frequencypenalty"]),
    ("n", Range::Integer(1), &["n", "numresults", "numgenerations", "numcompletions", "candidatecount", "numreturnsequences"]),
];

/// What the value of a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(in crate::mapping::infer) enum Range {
    /// A number from one to another.
    Number(f64, f64),
    /// A whole number from one on.
    Integer(u64),
    /// A string or strings.
    Texts,
    /// A boolean.
    Flag,
}
