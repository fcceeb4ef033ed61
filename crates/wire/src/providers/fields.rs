//! The fields of a row, for those who read rows field by field and for the documentation.

/// A field of a row.
#[derive(Debug)]
pub struct RowField {
    /// Its name.
    pub name: &'static str,
    /// Which values it takes.
    pub kind: FieldKind,
    /// Whether a row must have it.
    pub is_required: bool,
    /// What it says, in whole sentences.
    pub doc: &'static str,
}

/// Which values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// `true` or `false`.
    Flag,
    /// One of these strings.
    Choice(&'static [&'static str]),
}

impl FieldKind {
    /// Says which values are taken, to follow "expected".
    pub fn expected(self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Texts => "a list of strings".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Choice(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
                let (last, first) = names.split_last().unzip();
                format!("{} or {}", first.unwrap_or_default().join(", "), last.map_or("", String::as_str))
            }
        }
    }
}

const fn field(name: &'static str, kind: FieldKind, doc: &'static str) -> RowField {
    RowField { name, kind, is_required: false, doc }
}

const DIALECTS: FieldKind =
    FieldKind::Choice(&["openai", "anthropic", "google", "cohere", "bedrock", "unknown"]);
const AUTH_SCHEMES: FieldKind =
    FieldKind::Choice(&["bearer", "x-api-key", "api-key", "x-goog-api-key", "sigv4", "none"]);

/// Every field of a row.
pub static ROW_FIELDS: [RowField; 12] = [
    RowField {
        is_required: true,
        ..field("name", FieldKind::Text, "The name in the log: 1 to 40 letters, digits, `-` or `_`.")
    },
    field("title", FieldKind::Text, "What people call the provider; the name if it is left out."),
    RowField {
        is_required: true,
        ..field(
            "hosts",
            FieldKind::Texts,
            "The hosts that are its own, without a scheme. One `*` stands for a run of characters without a dot: \
             `*.example.com`. With a port, as in `localhost:11434`, only that port is meant; without one, only \
             the usual port.",
        )
    },
    field(
        "dialect",
        DIALECTS,
        "The API that it speaks, unless the path of a call says otherwise; `unknown` if it is left out.",
    ),
    field(
        "cost",
        FieldKind::Flag,
        "Whether it bills by what a call uses: shown, and decides nothing; `false` if it is left out.",
    ),
    field("auth", AUTH_SCHEMES, "How it takes the caller's credential; `bearer` if it is left out."),
    field(
        "label",
        FieldKind::Text,
        "The first label of a dedicated host, which leads to the first of `hosts` by `https`.",
    ),
    field("home", FieldKind::Text, "Where `GET /` on the dedicated host is redirected to."),
    field(
        "path_prefix",
        FieldKind::Text,
        "What the path of every call through the dedicated host must begin with.",
    ),
    field(
        "takes_base",
        FieldKind::Flag,
        "Whether `Helicone-OpenAI-Api-Base` and `Helicone-Target-Url` on the dedicated host lead elsewhere.",
    ),
    field(
        "target_header",
        FieldKind::Text,
        "A header of the request whose URL names the origin that the call is really for.",
    ),
    field("docs", FieldKind::Text, "The address of its documentation."),
];
