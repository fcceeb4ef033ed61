//! What routes read from a call: the id in its path, the fields of its JSON body. Every error names the field.
//!
//! Fields that a route does not know are ignored, because clients written for Helicone may send more.

use std::ops::RangeInclusive;

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use bytes::Bytes;
use gatehouse_store::filter::Filter;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{ApiError, ErrorKind};
use crate::router::MAX_BODY_BYTES;
use crate::state::ApiState;

/// Most characters of a name.
pub(crate) const MAX_NAME_CHARS: usize = 200;

/// How many values a body may hold: no route needs so many, and an object takes a hundred times as much memory as it can
/// be written in.
const MAX_VALUES: usize = 50_000;

/// The id in a path.
pub(crate) struct PathId(pub(crate) Uuid);

impl FromRequestParts<ApiState> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let refused = || ApiError::field("id", "a UUID");
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| refused())?;
        Uuid::try_parse(&id).map(Self).map_err(|_| refused())
    }
}

/// A text in a path that is somebody's own name for something, such as a session's id.
pub(crate) struct PathText(pub(crate) String);

impl FromRequestParts<ApiState> for PathText {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        text.map(|Path(text)| Self(text)).map_err(|_| ApiError::field("id", "a text in UTF-8"))
    }
}

/// The fields of a body, which is a JSON object.
pub(crate) struct Fields(Map<String, Value>);

impl FromRequest<ApiState> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        Self::parse(&whole(Bytes::from_request(request, state).await)?)
    }
}

/// The fields of a body that may be left out or null.
pub(crate) struct OptionalFields(pub(crate) Fields);

impl FromRequest<ApiState> for OptionalFields {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let body = whole(Bytes::from_request(request, state).await)?;
        let is_nothing = matches!(body.trim_ascii(), b"" | b"null");
        let fields = if is_nothing { Fields(Map::new()) } else { Fields::parse(&body)? };
        Ok(Self(fields))
    }
}

impl Fields {
    /// Returns the fields of an object, for tests.
    #[cfg(test)]
    pub(crate) fn of(body: Value) -> Self {
        Self(body.as_object().cloned().unwrap_or_default())
    }

    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let invalid = |message| ApiError::new(ErrorKind::InvalidJson, message);
        if body.iter().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count() > MAX_VALUES {
            return Err(invalid(format!("the body holds more than {MAX_VALUES} values")));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(invalid("the body must be a JSON object".to_owned())),
            Err(error) => Err(invalid(format!("the body is not valid JSON: {error}"))),
        }
    }

    /// Returns a text of 1 to [`MAX_NAME_CHARS`] characters.
    pub(crate) fn name(&self, field: &str) -> Result<String, ApiError> {
        self.optional_name(field)?.ok_or_else(|| not_a_name(field))
    }

    /// Returns a text of 1 to [`MAX_NAME_CHARS`] characters, if it is there and not null.
    pub(crate) fn optional_name(&self, field: &str) -> Result<Option<String>, ApiError> {
        self.parsed(field, "a text of 1 to 200 characters", parse_name)
    }

    /// Refuses fields that are not among these: where a misspelt one changes what is done.
    pub(crate) fn refuse_others(&self, known: &[&str]) -> Result<(), ApiError> {
        let Some(stranger) = self.0.keys().find(|name| !known.contains(&name.as_str())) else {
            return Ok(());
        };
        let message = format!("unknown field `{stranger}`, known are `{}`", known.join("`, `"));
        Err(ApiError::new(ErrorKind::InvalidField, message))
    }

    /// Returns the calls that a field asks for: all of them where it is not there.
    pub(crate) fn filter(&self, field: &str) -> Result<Filter, ApiError> {
        let invalid = |error| ApiError::new(ErrorKind::InvalidFilter, format!("`{field}`: {error}"));
        self.value(field).map_or(Ok(Filter::All), |filter| Filter::parse(filter).map_err(invalid))
    }

    /// Returns a yes or no, if it is there and not null; the words in a text will do.
    pub(crate) fn flag(&self, field: &str) -> Result<Option<bool>, ApiError> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
        flag.map(Some).ok_or_else(|| ApiError::field(field, "true or false"))
    }

    /// Returns a whole number out of a range, if it is there and not null; digits in a text will do.
    pub(crate) fn whole(&self, field: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        let number = number.filter(|number| range.contains(number));
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| ApiError::field(field, &expected))
    }

    /// Returns a field that is there and not null.
    pub(crate) fn value(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// Returns a text that `parse` takes; `expected` says in an error what that is.
    pub(crate) fn parsed<T>(
        &self,
        field: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let parsed = value.as_str().and_then(parse);
        parsed.map(Some).ok_or_else(|| ApiError::field(field, expected))
    }
}

/// Returns a name without the space around it, if it is one: not empty, not long, without control characters.
pub fn parse_name(text: &str) -> Option<String> {
    let name = text.trim();
    let is_name = (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned())
}

fn not_a_name(field: &str) -> ApiError {
    ApiError::field(field, "a text of 1 to 200 characters")
}

/// Returns the whole body, or says that it is too long or was cut.
pub(crate) fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ErrorKind::BodyTooLarge, format!("the body is longer than {MAX_BODY_BYTES} bytes"))
        }
        _ => ApiError::new(ErrorKind::InvalidJson, "the body could not be read to its end"),
    })
}
