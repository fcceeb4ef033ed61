//! A store with the rows of two organisations.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    Annotated, Annotation, Batch, Content, FeedbackValue, LogRow, LogStore, Revised, Revision,
    RevisionReason, SqlAnswer, SqlLog, SqlQuery, SqlRefusal, Walk,
};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{NanoUsd, OrganizationId, RequestId, Timestamp};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// What stands in every text of the other organisation's rows.
pub(crate) const THEIRS: &str = "SECRETOFTHEIRS";
/// The other organisation's number, and the end of its id.
pub(crate) const OTHER: u128 = 0xbad_bad;
pub(crate) const MAX_BYTES: u64 = 100_000;
pub(crate) const MAX_TIME: Duration = Duration::from_millis(1500);

pub(crate) struct Desk {
    pub(crate) store: DuckDbLog,
    pub(crate) folder: TempDir,
}

fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_795_356_000_000_000 + seconds * 1_000_000)
}

fn row(number: u128, user: &str, model: &str, plan: Option<&str>) -> LogRow {
    let seconds = i64::try_from(number).unwrap_or_default();
    LogRow {
        user_id: user.to_owned(),
        model: model.to_owned(),
        properties: plan.map(|plan| ("plan".to_owned(), plan.to_owned())).into_iter().collect(),
        request_created_at: at(seconds),
        response_created_at: at(seconds + 1),
        total_us: u64::try_from(number).unwrap_or_default() * 750_000,
        country_code: Some("1".to_owned()),
        cost: Some(NanoUsd::new(10)),
        ..plain_row(organization(1), RequestId::from_uuid(Uuid::from_u128(number)))
    }
}

fn theirs(number: u128) -> LogRow {
    let secret = || THEIRS.to_owned();
    LogRow {
        organization_id: organization(OTHER),
        country_code: Some(secret()),
        path: secret(),
        target_url: secret(),
        provider: secret(),
        request_model: Some(secret()),
        response_model: Some(secret()),
        request_preview: Some(secret()),
        response_preview: Some(secret()),
        properties: BTreeMap::from([
            ("plan".to_owned(), secret()),
            ("Helicone-Session-Id".to_owned(), secret()),
        ]),
        ..row(number, THEIRS, THEIRS, None)
    }
}

impl Desk {
    pub(crate) async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
        let failed = LogRow {
            status: 500,
            cost: Some(NanoUsd::new(1_000_000_000)),
            ..row(3, "carol", "claude", None)
        };
        let hidden = LogRow { client_chose_id: true, ..row(1, "nobody", "old", None) };
        let rows = vec![
            hidden,
            theirs(1001),
            LogRow { client_chose_id: true, ..row(1, "alice", "gpt", Some("free")) },
            row(2, "bob", "gpt", Some("paid")),
            failed,
            theirs(1002),
        ];
        store.insert(Batch { rows, journal_position: 1 }).await?;
        let desk = Self { store, folder };
        desk.annotate(1, 2, "late").await?;
        desk.annotate(OTHER, 1001, THEIRS).await?;
        desk.revise().await?;
        Ok(desk)
    }

    async fn annotate(&self, owner: u128, request: u128, plan: &str) -> Result<()> {
        let given = [
            ("plan", Content::Property(plan.to_owned())),
            ("accuracy", Content::Feedback(FeedbackValue::Numerical(0.5))),
            ("polite", Content::Feedback(FeedbackValue::Boolean(true))),
        ];
        let given = given.into_iter().map(|(name, content)| Annotation::new(name, content, at(50)));
        let given = given.collect::<Result<Vec<_>, _>>()?;
        let request = RequestId::from_uuid(Uuid::from_u128(request));
        ensure!(self.store.annotate(organization(owner), request, given).await? == Annotated::Kept);
        Ok(())
    }

    /// Prices bob's call anew.
    async fn revise(&self) -> Result<()> {
        let walk = Walk { organization_id: organization(1), filter: Filter::All, before: None, limit: 100 };
        let rows = self.store.walk_rows(walk).await?.rows;
        let bobs = rows.into_iter().find(|found| found.row.user_id == "bob").context("bob called")?;
        let revision = Revision {
            row_key: bobs.row_key,
            seen: None,
            reading: None,
            cost: Some(NanoUsd::new(5)),
            cost_status: "priced".to_owned(),
            revised: Revised { at: at(60), reason: RevisionReason::Reprice },
        };
        assert_eq!(self.store.revise(organization(1), vec![revision]).await?, 1);
        Ok(())
    }

    /// Asks as the first organisation.
    pub(crate) async fn ask(&self, text: &str) -> Result<Result<SqlAnswer, SqlRefusal>> {
        self.ask_for(text, MAX_TIME).await
    }

    /// Asks as the first organisation, which may take so long.
    pub(crate) async fn ask_for(
        &self,
        text: &str,
        max_time: Duration,
    ) -> Result<Result<SqlAnswer, SqlRefusal>> {
        let query = SqlQuery {
            organization_id: organization(1),
            text: text.to_owned(),
            default_rows: 100,
            max_rows: 1000,
            max_bytes: MAX_BYTES,
            max_time,
        };
        Ok(self.store.select(query).await?)
    }

    pub(crate) async fn count(&self) -> Result<u64> {
        Ok(self.store.count(organization(1), Filter::All).await?)
    }
}

/// Returns the one cell of an answer.
pub(crate) async fn one(desk: &Desk, text: &str) -> Result<Value> {
    let answer = desk.ask(text).await?;
    let mut rows = answer.map_err(|refusal| anyhow!("{text}: {refusal}"))?.rows;
    Ok(rows.remove(0).remove(0))
}
