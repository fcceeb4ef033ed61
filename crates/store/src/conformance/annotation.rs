//! The promises of [`LogStore::annotate`], one suite each.

use gatehouse_types::{OrganizationId, Timestamp};

use super::log::{Outcome, organization, query, request, without_bodies};
use super::samples::plain_row;
use crate::filter::{BoolColumn, Column, Condition, Filter, Test};
use crate::log::{
    Annotated, Annotation, Batch, Bodies, Content, FeedbackValue, InvalidAnnotation, LogRow, LogStore,
    MAX_ANNOTATIONS, RATING,
};

/// When the annotation numbered `number` was made.
fn moment(number: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_795_356_400_000_000 + number)
}

fn property(name: &str, value: &str, at: i64) -> Result<Annotation, InvalidAnnotation> {
    Annotation::new(name, Content::Property(value.to_owned()), moment(at))
}

fn feedback(name: &str, value: FeedbackValue, at: i64) -> Result<Annotation, InvalidAnnotation> {
    Annotation::new(name, Content::Feedback(value), moment(at))
}

fn rating(value: bool, at: i64) -> Result<Annotation, InvalidAnnotation> {
    feedback(RATING, FeedbackValue::Boolean(value), at)
}

/// Annotates a call, in the store and in `row`.
async fn annotate<const N: usize>(
    store: &dyn LogStore,
    row: &mut LogRow,
    added: [Result<Annotation, InvalidAnnotation>; N],
) -> Outcome {
    let added: Vec<Annotation> = added.into_iter().flatten().collect();
    assert_eq!(added.len(), N, "the samples are annotations");
    row.annotations = row.annotations.with(&added).unwrap_or_default();
    let annotated = store.annotate(row.organization_id, row.request_id, added).await?;
    assert_eq!(annotated, Annotated::Kept);
    Ok(())
}

/// Compares a row as it is read alone and in a list with what it must be.
async fn check(store: &dyn LogStore, expected: &LogRow) -> Outcome {
    let tenant = expected.organization_id;
    assert_eq!(store.row(tenant, expected.request_id).await?.as_ref(), Some(expected));
    let listed = store.rows(query(tenant, Filter::All)).await?;
    let listed = listed.iter().find(|row| row.request_id == expected.request_id);
    assert_eq!(listed, Some(&without_bodies(expected)));
    Ok(())
}

async fn count_property(
    store: &dyn LogStore,
    tenant: OrganizationId,
    name: &str,
    value: &str,
) -> Result<u64, crate::StoreError> {
    let test = Test::TextEquals(value.to_owned());
    let condition = Condition { column: Column::Property(name.to_owned()), test };
    store.count(tenant, Filter::Leaf(condition)).await
}

/// Annotations join the row, before and after it is stored; the later one of a name counts, and the row's
/// own facts stay.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn annotations_join_their_row(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut row = plain_row(tenant, request(10));
    let bystander = plain_row(tenant, request(11));
    annotate(store, &mut row, [rating(true, 1), property("Env", "added", 1)]).await?;
    assert_eq!(store.row(tenant, row.request_id).await?, None, "an annotation is no row");
    assert_eq!(store.count(tenant, Filter::All).await?, 0);
    store.insert(Batch { rows: vec![row.clone(), bystander.clone()], journal_position: 1 }).await?;
    check(store, &row).await?;
    assert_eq!(
        store.row(tenant, row.request_id).await?.as_ref().and_then(|row| row.property("Env")),
        Some("added")
    );
    assert_eq!(count_property(store, tenant, "Env", "added").await?, 1);
    assert_eq!(count_property(store, tenant, "Env", "prod").await?, 1, "the bystander");

    annotate(store, &mut row, [property("Env", "early", 0)]).await?;
    annotate(store, &mut row, [property("Env", "late", 2), rating(false, 2), property(RATING, "x", 2)])
        .await?;
    annotate(store, &mut row, [property("Env", "late", 2)]).await?;
    check(store, &row).await?;
    assert_eq!(row.annotations.properties.len() + row.annotations.feedback.len(), 3);
    assert_eq!(row.annotations.rating().map(|given| given.value), Some(false));
    for (wanted, expected) in [(true, 0), (false, 1)] {
        let condition =
            Condition { column: Column::Bool(BoolColumn::Rating), test: Test::BoolEquals(wanted) };
        assert_eq!(store.count(tenant, Filter::Leaf(condition)).await?, expected, "{wanted}");
    }
    check(store, &bystander).await
}

/// Feedback of every data type, with awkward values, comes back as it was.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_feedback_of_every_type(store: &dyn LogStore) -> Outcome {
    let mut row = plain_row(organization(1), request(10));
    store.insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    let values = [
        FeedbackValue::Boolean(true),
        FeedbackValue::Boolean(false),
        FeedbackValue::Numerical(-0.1),
        FeedbackValue::Numerical(1e300),
        FeedbackValue::Numerical(5e-324),
        FeedbackValue::Text(String::new()),
        FeedbackValue::Text("true".to_owned()),
        FeedbackValue::Text("'; DROP TABLE annotations; --".to_owned()),
        FeedbackValue::Categorical("日本\0語".to_owned()),
    ];
    for value in values {
        annotate(store, &mut row, [feedback("it's", value.clone(), 1)]).await?;
        annotate(store, &mut row, [feedback(&format!("{value:?}"), value, 1)]).await?;
        check(store, &row).await?;
    }
    Ok(())
}

/// A tenant that annotates an id of another's touches nothing of it and learns nothing.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn annotations_stay_with_their_tenant(store: &dyn LogStore) -> Outcome {
    let (ours, theirs) = (organization(1), organization(2));
    let row = plain_row(ours, request(10));
    store.insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    let mut unseen = plain_row(theirs, row.request_id);
    annotate(store, &mut unseen, [rating(true, 1), property("Env", "stolen", 1)]).await?;
    check(store, &row).await?;
    assert_eq!(count_property(store, ours, "Env", "stolen").await?, 0);
    assert_eq!(count_property(store, theirs, "Env", "stolen").await?, 0);
    assert_eq!(store.row(theirs, row.request_id).await?, None);
    store.insert(Batch { rows: vec![unseen.clone()], journal_position: 2 }).await?;
    check(store, &unseen).await?;
    check(store, &row).await
}

/// Annotations stay when a later row of the same id replaces the annotated one.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn annotations_outlive_a_replaced_row(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut row = LogRow { client_chose_id: true, ..plain_row(tenant, request(10)) };
    store.insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    annotate(store, &mut row, [rating(true, 1), property("Env", "added", 1)]).await?;
    row = LogRow { status: 500, bodies: Bodies::default(), ..row };
    store.insert(Batch { rows: vec![row.clone()], journal_position: 2 }).await?;
    check(store, &row).await?;
    assert_eq!(count_property(store, tenant, "Env", "added").await?, 1);
    Ok(())
}

/// A call takes so many annotations and no more; what is too much changes nothing.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn a_call_takes_a_bounded_number_of_annotations(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut row = plain_row(tenant, request(10));
    store.insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    for number in 1..MAX_ANNOTATIONS {
        annotate(store, &mut row, [property(&number.to_string(), "value", 1)]).await?;
    }
    let two = [property("1", "changed", 2), property("new", "", 2), rating(true, 2)];
    let two: Vec<Annotation> = two.into_iter().flatten().collect();
    assert_eq!(store.annotate(tenant, row.request_id, two).await?, Annotated::Full);
    check(store, &row).await?;
    annotate(store, &mut row, [property("1", "changed", 2), rating(true, 2)]).await?;
    check(store, &row).await
}

/// Annotations are there when the store is opened again.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn remembers_annotations_when_opened_again<S: LogStore>(mut open: impl FnMut() -> S) -> Outcome {
    let mut row = plain_row(organization(1), request(10));
    annotate(&open(), &mut row, [rating(true, 1)]).await?;
    open().insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    annotate(&open(), &mut row, [rating(false, 2), property("Env", "added", 2)]).await?;
    check(&open(), &row).await
}
