//! The common schema: what a call asked and what came back, with the names that Helicone's clients know.

use serde::Serialize;

use super::json::Json;

/// What a model was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RequestBody {
    /// `chat` or `completion`; absent for what is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm_type: Option<&'static str>,
    /// The model that the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The conversation so far, instructions to the model first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// The text to be completed, or the description of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Instructions that stand beside the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Texts that are not answered: to be embedded, spoken, judged or ranked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<String>,
    /// The parameters of the call.
    #[serde(flatten)]
    pub parameters: Parameters,
    /// The tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Whether it has to call one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// A logged call of a tool: the body as it is.
    #[serde(rename = "toolDetails", skip_serializing_if = "Option::is_none")]
    pub tool_details: Option<Json>,
    /// A logged query of a vector database: the body as it is.
    #[serde(rename = "vectorDBDetails", skip_serializing_if = "Option::is_none")]
    pub vector_db_details: Option<Json>,
    /// Any other logged event: the body as it is.
    #[serde(rename = "dataDetails", skip_serializing_if = "Option::is_none")]
    pub data_details: Option<Json>,
}

/// How a model is to answer; what the caller did not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Parameters {
    /// The most tokens of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// How freely tokens are chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The share of likely tokens that is chosen from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The seed of the choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Json>,
    /// Whether the answer is streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// How much tokens that came before are avoided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// The same, by how often they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// Texts before which the answer ends: one or a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Json>,
    /// How many answers are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// How much the model is to think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// How much it is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<String>,
    /// Whether it may call several tools at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<Json>,
    /// The size of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The quality of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
}

/// A tool that a model may call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tool {
    /// Its name, or the kind of a tool that the provider runs.
    pub name: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The JSON Schema of its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Json>,
    /// Whether arguments have to follow that schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// Whether tools are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ToolChoice {
    /// `none`, `auto`, `any` or `tool`; what is none of them stays as it was.
    #[serde(rename = "type")]
    pub kind: String,
    /// The tool that has to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ResponseBody {
    /// What the model said; several when several answers were asked for.
    pub messages: Vec<Message>,
    /// The model that the answer names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What went wrong, perhaps after a part of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What a logged tool returned: the body as it is.
    #[serde(rename = "toolDetailsResponse", skip_serializing_if = "Option::is_none")]
    pub tool_details: Option<Json>,
    /// What a vector database returned: the body as it is.
    #[serde(rename = "vectorDBDetailsResponse", skip_serializing_if = "Option::is_none")]
    pub vector_db_details: Option<Json>,
    /// What any other logged event returned: the body as it is.
    #[serde(rename = "dataDetailsResponse", skip_serializing_if = "Option::is_none")]
    pub data_details: Option<Json>,
}

/// An error of the provider, or of the gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Failure {
    /// Its message; without one, all that was said of it.
    #[serde(rename = "heliconeMessage")]
    pub message: Json,
}

/// What a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MessageKind {
    /// Text.
    #[default]
    Message,
    /// The model asks for tools to be called.
    FunctionCall,
    /// What a tool returned.
    Function,
    /// A picture.
    Image,
    /// A file.
    File,
    /// Sound.
    Audio,
    /// Several parts.
    ContentArray,
}

/// A message, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Message {
    /// What it is.
    #[serde(rename = "_type")]
    pub kind: MessageKind,
    /// The provider's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whose it is: mostly `user`, `assistant`, `system`, `developer` or `tool`; absent for a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The name of the speaker or of the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The parts of a message that is more than one text.
    #[serde(rename = "contentArray", skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Message>,
    /// What the model thought before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// The calls that the model asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that this is the result of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// A picture: a data URL, or where it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// How closely a picture is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Sound in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_data: Option<String>,
    /// A file: in base64 or as a data URL, or where it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_data: Option<String>,
    /// The provider's id of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// The name of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The type of a picture, of sound or of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The provider's own word for what a part is, where that tells more than `_type`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub part_type: Option<String>,
    /// What the text is based on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// When it was said, as the body has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Why the answer ended, in the provider's words; not in Helicone's schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// The call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ToolCall {
    /// The id that its result refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// An object; a text where the arguments are no JSON.
    pub arguments: Json,
}

/// What a text is based on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// `url_citation`, or the provider's own word.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the source lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Message {
    /// Returns a text of somebody.
    pub(super) fn said(role: &str, content: impl Into<String>) -> Self {
        Self { role: Some(role.to_owned()), content: Some(content.into()), ..Self::default() }
    }

    /// Returns a text that is a part.
    pub(super) fn of_text(content: impl Into<String>) -> Self {
        Self { content: Some(content.into()), ..Self::default() }
    }

    /// Returns whether nothing can be shown of it.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [&self.content, &self.reasoning, &self.image_url, &self.audio_data, &self.file_data];
        texts.into_iter().all(|text| text.as_deref().unwrap_or_default().is_empty())
            && self.parts.is_empty()
            && self.tool_calls.is_empty()
            && self.annotations.is_empty()
            && self.file_id.is_none()
            && self.filename.is_none()
            && self.kind != MessageKind::Function
    }
}
