//! `gatehouse mcp`: what is logged, for assistants, by the Model Context Protocol over standard input and output.
//!
//! The tools and their parameters are those of Helicone's own server (`helicone-mcp`), asked of this server's API with
//! one of its keys: who has the key sees what the key may read, and nothing can be changed.

use anyhow::{Context, Result, anyhow};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hyper::Method;
use hyper::body::Bytes;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ServerHandler, ServiceExt as _};
use serde_json::{Map, Value, json};

use crate::api_client::{self, ApiClient, Question};
use crate::cli::Access;

const QUERY_REQUESTS: &str = "query_requests";
const QUERY_SESSIONS: &str = "query_sessions";
/// How many results there are unless the caller says otherwise, and at most.
const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1000;
/// How many calls may come with their bodies, and how many are read at the same time.
const MAX_WITH_BODIES: u64 = 100;
const BODIES_AT_ONCE: usize = 4;
const MINUTES_AN_HOUR: f64 = 60.0;
const INSTRUCTIONS: &str = "Calls to language models that went through Gatehouse. Ask query_requests for single calls \
    (errors, latency, cost, what was said) and query_sessions for groups of calls that belong together.";
const FILTER: &str = "A tree: \"all\", {\"left\": …, \"operator\": \"and\" | \"or\", \"right\": …}, or a leaf such as \
    {\"request_response_rmt\": {\"status\": {\"gte\": 400}}}. Columns: model, provider, status, latency (ms), cost (US dollars), \
    user_id, request_created_at, request_body, response_body, properties.{name}, … Operators of texts: equals, not-equals, \
    like, ilike, contains, not-contains; of numbers: equals, not-equals, gte, lte, gt, lt; of times: equals, gte, lte, gt, lt.";

/// Runs the server until its input ends.
pub(crate) fn run(access: &Access) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let desk = Desk { api: api_client::client(access)? };
        let running =
            desk.serve(rmcp::transport::stdio()).await.context("no client of MCP at standard input")?;
        running.waiting().await.context("the connection to the client broke")?;
        Ok(())
    })
}

/// The tools, and the API that they ask.
struct Desk {
    api: ApiClient,
}

impl ServerHandler for Desk {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("gatehouse", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![requests_tool(), sessions_tool()]))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = call.arguments.unwrap_or_default();
        let found = match call.name.as_ref() {
            QUERY_REQUESTS => self.requests(&arguments).await,
            QUERY_SESSIONS => self.sessions(&arguments).await,
            name => {
                let message =
                    format!("there is no tool `{name}`, only {QUERY_REQUESTS} and {QUERY_SESSIONS}");
                return Err(ErrorData::invalid_params(message, None));
            }
        };
        // The assistant reads an error of a tool and can ask again; one of the protocol ends its turn.
        let result = match found {
            Ok(found) => CallToolResult::success(vec![ContentBlock::text(format!("{found:#}"))]),
            Err(error) => CallToolResult::error(vec![ContentBlock::text(format!("{error:#}"))]),
        };
        Ok(result.into())
    }
}

impl Desk {
    async fn requests(&self, arguments: &JsonObject) -> Result<Value> {
        let with_bodies =
            optional(arguments, "includeBodies", "true or false", Value::as_bool)?.unwrap_or(false);
        let limit = limit(arguments)?;
        if with_bodies && limit > MAX_WITH_BODIES {
            return Err(anyhow!("`limit` must be at most {MAX_WITH_BODIES} together with `includeBodies`"));
        }
        let mut body = json!({"filter": filter(arguments), "offset": offset(arguments)?, "limit": limit});
        if let (Some(sort), Some(body)) = (arguments.get("sort"), body.as_object_mut()) {
            body.insert("sort".to_owned(), sort.clone());
        }
        let found = self.post("/v1/request/query-clickhouse", &body).await?;
        let Value::Array(calls) = found else {
            return Err(anyhow!("the API answered something else than a list"));
        };
        if !with_bodies {
            return Ok(Value::Array(calls));
        }
        let whole = stream::iter(calls.into_iter().map(|call| self.with_bodies(call)));
        Ok(Value::Array(whole.buffered(BODIES_AT_ONCE).try_collect().await?))
    }

    async fn with_bodies(&self, call: Value) -> Result<Value> {
        let id = call.get("request_id").and_then(Value::as_str).context("a call has no id")?;
        let path = format!("/v1/request/{id}?includeBody=true");
        let question = Question { method: Method::GET, path: &path, body: Bytes::new(), is_json: true };
        self.api.ask(question).await
    }

    async fn sessions(&self, arguments: &JsonObject) -> Result<Value> {
        let time = |name| required(arguments, name, "a number of milliseconds since 1970", Value::as_f64);
        let hours = required(arguments, "timezoneDifference", "a number of hours", Value::as_f64)?;
        let text = |name| optional(arguments, name, "a text", |value| value.as_str().map(str::to_owned));
        let mut body = json!({
            "timeFilter": {"startTimeUnixMs": time("startTimeUnixMs")?, "endTimeUnixMs": time("endTimeUnixMs")?},
            "timezoneDifference": hours * MINUTES_AN_HOUR, "search": text("search")?.unwrap_or_default(),
            "filter": filter(arguments), "offset": offset(arguments)?, "limit": limit(arguments)?,
        });
        if let (Some(name), Some(body)) = (text("nameEquals")?, body.as_object_mut()) {
            body.insert("nameEquals".to_owned(), Value::from(name));
        }
        self.post("/v1/session/query", &body).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let body = Bytes::from(body.to_string());
        self.api.ask(Question { method: Method::POST, path, body, is_json: true }).await
    }
}

fn requests_tool() -> Tool {
    tool(
        QUERY_REQUESTS,
        "Finds calls by filter, in any order, with their bodies if wanted.",
        json!({
            "sort": {"type": "object", "description": "One key and its direction, as in {\"created_at\": \"desc\"}, which is the default; also latency, cost, total_tokens, time_to_first_token, …"},
            "includeBodies": {"type": "boolean", "description": "Whether request_body and response_body are wanted (default: false; at most 100 calls then)"},
        }),
        &[],
    )
}

fn sessions_tool() -> Tool {
    tool(
        QUERY_SESSIONS,
        "Finds sessions, groups of calls that belong together, in a range of time.",
        json!({
            "startTimeUnixMs": {"type": "number", "description": "Beginning of the range, in milliseconds since 1970"},
            "endTimeUnixMs": {"type": "number", "description": "End of the range, in milliseconds since 1970"},
            "timezoneDifference": {"type": "number", "description": "Hours between the caller's clock and UTC, as in -5"},
            "search": {"type": "string", "description": "A part of a session's name or id"},
            "nameEquals": {"type": "string", "description": "The exact name of sessions"},
        }),
        &["startTimeUnixMs", "endTimeUnixMs", "timezoneDifference"],
    )
}

/// Returns a tool that only reads, with the parameters that both have.
fn tool(name: &'static str, description: &'static str, own: Value, required: &[&str]) -> Tool {
    let mut parameters = Map::from_iter([
        ("filter".to_owned(), json!({"description": FILTER})),
        (
            "offset".to_owned(),
            json!({"type": "number", "description": "How many results to skip (default: 0)"}),
        ),
        (
            "limit".to_owned(),
            json!({"type": "number", "description": "How many results at most (default: 100, at most 1000)"}),
        ),
    ]);
    parameters.extend(own.as_object().cloned().unwrap_or_default());
    let schema = json!({"type": "object", "properties": parameters, "required": required});
    let reads = ToolAnnotations::new().read_only(true).open_world(false);
    Tool::new(name, description, schema.as_object().cloned().unwrap_or_default()).with_annotations(reads)
}

fn filter(arguments: &JsonObject) -> Value {
    arguments.get("filter").filter(|filter| !filter.is_null()).cloned().unwrap_or_else(|| json!("all"))
}

fn offset(arguments: &JsonObject) -> Result<u64> {
    Ok(optional(arguments, "offset", "a whole number, not negative", whole)?.unwrap_or(0))
}

fn limit(arguments: &JsonObject) -> Result<u64> {
    let limit = optional(arguments, "limit", "a whole number", whole)?.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        return Err(anyhow!("`limit` must be at most {MAX_LIMIT}"));
    }
    Ok(limit)
}

/// Takes 5 and 5.0: some clients know only one kind of number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and small")]
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=1e15).contains(number))?;
    Some(number as u64)
}

fn optional<T>(
    arguments: &JsonObject,
    name: &str,
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>> {
    let Some(value) = arguments.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    read(value).map(Some).with_context(|| format!("`{name}` must be {expected}"))
}

fn required<T>(
    arguments: &JsonObject,
    name: &str,
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<T> {
    optional(arguments, name, expected, read)?.with_context(|| format!("`{name}` must be given: {expected}"))
}
