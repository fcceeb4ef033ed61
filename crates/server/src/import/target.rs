//! The server of ours that takes the rows.

use anyhow::Result;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use super::Row;
use crate::api_client::{ApiClient, Question};

const PATH: &str = "/v1/import/helicone";
/// How many bytes are sent at once, unless one row has more.
const BATCH_BYTES: usize = 4 << 20;
/// How long a row may be, somewhat less than a call.
const MAX_ROW_BYTES: usize = 10_000_000;

/// What became of some rows.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) imported: u64,
    /// Why the others were not taken.
    pub(super) refused: Vec<String>,
}

/// The way there.
pub(super) struct Target {
    api: ApiClient,
}

impl Target {
    pub(super) fn new(api: ApiClient) -> Self {
        Self { api }
    }

    /// Gives rows to the server; those that it takes are on its disk when this returns.
    ///
    /// # Errors
    /// Fails when the server can't be reached, or refuses all of them.
    pub(super) async fn take(&self, rows: Vec<Row>) -> Result<Taken> {
        let mut taken = Taken::default();
        let (mut batch, mut ids) = (String::new(), Vec::new());
        for row in rows {
            let id =
                row.get("request_id").and_then(Value::as_str).unwrap_or("a row without an id").to_owned();
            let line = Value::Object(row).to_string();
            if line.len() > MAX_ROW_BYTES {
                taken.refused.push(format!("{id}: longer than {MAX_ROW_BYTES} bytes"));
                continue;
            }
            if batch.len() + line.len() > BATCH_BYTES && !batch.is_empty() {
                self.send(std::mem::take(&mut batch), std::mem::take(&mut ids), &mut taken).await?;
            }
            batch.push_str(&line);
            batch.push('\n');
            ids.push(id);
        }
        if !batch.is_empty() {
            self.send(batch, ids, &mut taken).await?;
        }
        Ok(taken)
    }

    async fn send(&self, batch: String, ids: Vec<String>, taken: &mut Taken) -> Result<()> {
        let question =
            Question { method: Method::POST, path: PATH, body: Bytes::from(batch), is_json: false };
        let told = self.api.ask(question).await?;
        taken.imported += told.get("imported").and_then(Value::as_u64).unwrap_or(0);
        for refused in told.get("refused").and_then(Value::as_array).into_iter().flatten() {
            let line =
                refused.get("line").and_then(Value::as_u64).and_then(|line| usize::try_from(line).ok());
            let id = line.and_then(|line| ids.get(line.checked_sub(1)?)).map_or("a row", String::as_str);
            let message = refused.get("message").and_then(Value::as_str).unwrap_or("no reason given");
            taken.refused.push(format!("{id}: {message}"));
        }
        Ok(())
    }
}
