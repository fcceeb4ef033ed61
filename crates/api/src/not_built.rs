//! Routes of Helicone's `api.` hosts that this program does not serve yet.

use crate::error::{ApiError, ErrorKind};

/// Where calls that did not go through the gateway are logged.
pub(crate) const ROUTES: [&str; 5] =
    ["/oai/v1/log", "/anthropic/v1/log", "/googleapis/v1/log", "/custom/v1/log", "/v1/trace/{*rest}"];

/// Says so, whoever asks.
pub(crate) async fn answer() -> ApiError {
    let message = "manual logging is not served here yet; send calls through the gateway instead";
    ApiError::new(ErrorKind::NotBuilt, message)
}
