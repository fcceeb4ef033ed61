//! The DuckDB adapter keeps the promises of the contract.

use anyhow::Result;
use gatehouse_store::conformance::{aggregate, annotation, log as suite, revision};
use gatehouse_store_log::{DuckDbLog, Options};
use tempfile::TempDir;

/// A store in a folder of its own.
struct Fresh {
    store: DuckDbLog,
    _folder: TempDir,
}

fn fresh() -> Result<Fresh> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    Ok(Fresh { store, _folder: folder })
}

#[tokio::test]
async fn stores_and_reads_back() -> Result<()> {
    Ok(suite::stores_and_reads_back(&fresh()?.store).await?)
}

#[tokio::test]
async fn keeps_awkward_values() -> Result<()> {
    Ok(suite::keeps_awkward_values(&fresh()?.store).await?)
}

#[tokio::test]
async fn keeps_tenants_apart() -> Result<()> {
    Ok(suite::keeps_tenants_apart(&fresh()?.store).await?)
}

#[tokio::test]
async fn stores_a_batch_once() -> Result<()> {
    Ok(suite::stores_a_batch_once(&fresh()?.store).await?)
}

#[tokio::test]
async fn later_row_of_a_chosen_id_hides_the_earlier() -> Result<()> {
    Ok(suite::later_row_of_a_chosen_id_hides_the_earlier(&fresh()?.store).await?)
}

#[tokio::test]
async fn filters_as_the_meaning_says() -> Result<()> {
    Ok(suite::filters_as_the_meaning_says(&fresh()?.store).await?)
}

#[tokio::test]
async fn adds_up_what_the_cache_did() -> Result<()> {
    Ok(suite::adds_up_what_the_cache_did(&fresh()?.store).await?)
}

#[tokio::test]
async fn pages_visit_each_row_once() -> Result<()> {
    Ok(suite::pages_visit_each_row_once(&fresh()?.store).await?)
}

#[tokio::test]
async fn remembers_when_opened_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let open = || DuckDbLog::start(Options::at(folder.path().join("log.duckdb"))).expect("threads start");
    Ok(suite::remembers_when_opened_again(open).await?)
}

#[tokio::test]
async fn annotations_join_their_row() -> Result<()> {
    Ok(annotation::annotations_join_their_row(&fresh()?.store).await?)
}

#[tokio::test]
async fn keeps_feedback_of_every_type() -> Result<()> {
    Ok(annotation::keeps_feedback_of_every_type(&fresh()?.store).await?)
}

#[tokio::test]
async fn annotations_stay_with_their_tenant() -> Result<()> {
    Ok(annotation::annotations_stay_with_their_tenant(&fresh()?.store).await?)
}

#[tokio::test]
async fn annotations_outlive_a_replaced_row() -> Result<()> {
    Ok(annotation::annotations_outlive_a_replaced_row(&fresh()?.store).await?)
}

#[tokio::test]
async fn a_call_takes_a_bounded_number_of_annotations() -> Result<()> {
    Ok(annotation::a_call_takes_a_bounded_number_of_annotations(&fresh()?.store).await?)
}

#[tokio::test]
async fn remembers_annotations_when_opened_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let open = || DuckDbLog::start(Options::at(folder.path().join("log.duckdb"))).expect("threads start");
    Ok(annotation::remembers_annotations_when_opened_again(open).await?)
}

#[tokio::test]
async fn revisions_take_the_place_of_facts() -> Result<()> {
    Ok(revision::revisions_take_the_place_of_facts(&fresh()?.store).await?)
}

#[tokio::test]
async fn revises_only_what_changes() -> Result<()> {
    Ok(revision::revises_only_what_changes(&fresh()?.store).await?)
}

#[tokio::test]
async fn walks_come_by_each_row_once() -> Result<()> {
    Ok(revision::walks_come_by_each_row_once(&fresh()?.store).await?)
}

#[tokio::test]
async fn walks_find_bodies() -> Result<()> {
    Ok(revision::walks_find_bodies(&fresh()?.store).await?)
}

#[tokio::test]
async fn adds_up_costs() -> Result<()> {
    Ok(revision::adds_up_costs(&fresh()?.store).await?)
}

#[tokio::test]
async fn remembers_revisions_when_opened_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let open = || DuckDbLog::start(Options::at(folder.path().join("log.duckdb"))).expect("threads start");
    Ok(revision::remembers_revisions_when_opened_again(open).await?)
}

#[tokio::test]
async fn nothing_has_figures_too() -> Result<()> {
    Ok(aggregate::nothing_has_figures_too(&fresh()?.store).await?)
}

#[tokio::test]
async fn sums_stay_within_bounds() -> Result<()> {
    Ok(aggregate::sums_stay_within_bounds(&fresh()?.store).await?)
}

/// Returns a store whose figures come out of sums whenever they can.
fn fresh_with_sums() -> Result<Fresh> {
    let folder = tempfile::tempdir()?;
    let options = Options { roll_up_after: 1, ..Options::at(folder.path().join("log.duckdb")) };
    Ok(Fresh { store: DuckDbLog::start(options)?, _folder: folder })
}

#[tokio::test]
async fn sums_of_all_calls_stay_within_bounds() -> Result<()> {
    Ok(aggregate::sums_stay_within_bounds(&fresh_with_sums()?.store).await?)
}

#[tokio::test]
async fn answers_out_of_sums_as_the_rows_say() -> Result<()> {
    Ok(aggregate::answers_as_the_rows_say(&fresh_with_sums()?.store).await?)
}

#[tokio::test]
async fn answers_as_the_rows_say() -> Result<()> {
    Ok(aggregate::answers_as_the_rows_say(&fresh()?.store).await?)
}

#[tokio::test]
async fn pages_visit_each_group_once() -> Result<()> {
    Ok(aggregate::pages_visit_each_group_once(&fresh()?.store).await?)
}
