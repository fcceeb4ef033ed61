//! One page of a list, and the cursor of the next one.

use gatehouse_store::log::{LogRow, RowQuery};

use super::cursor::Cursor;
use crate::error::ApiError;
use crate::state::ApiState;

/// The rows of a page.
pub(super) struct Page {
    /// At most as many as were asked for.
    pub(super) rows: Vec<LogRow>,
    /// The cursor of what comes behind them, if anything does.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads the page that `query` asks for.
    ///
    /// # Errors
    /// Fails when the store can't answer.
    pub(super) async fn read(state: &ApiState, query: RowQuery) -> Result<Self, ApiError> {
        if query.limit == 0 {
            return Ok(Self { rows: Vec::new(), next: None });
        }
        // One row more than is shown tells whether there is a next page.
        let asked = RowQuery { limit: query.limit.saturating_add(1), ..query.clone() };
        let mut rows = state.log.rows(asked).await?;
        let shown = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let is_last = rows.len() <= shown;
        rows.truncate(shown);
        let next = rows.last().filter(|_| !is_last).map(|row| Cursor::behind(&query, row).write(&query));
        Ok(Self { rows, next })
    }
}
