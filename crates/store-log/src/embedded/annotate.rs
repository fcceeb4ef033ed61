//! Annotations: written one call at a time, read for the calls of a page.

use std::collections::BTreeMap;

use duckdb::{Connection, Row, params, params_from_iter};
use gatehouse_store::log::{Annotated, Annotation, Annotations, Content, FeedbackValue, LogRow};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};

use super::decode::{parse_uuid, timestamp};
use super::engine::Error;
use crate::sql::{self, FEEDBACK, PROPERTY, Param};

/// Adds `added` to a call in one transaction, all or none.
pub(super) fn annotate(
    connection: &Connection,
    organization_id: OrganizationId,
    request_id: RequestId,
    added: &[Annotation],
) -> Result<Annotated, Error> {
    let transaction = connection.unchecked_transaction()?;
    let mut found = of_calls(&transaction, organization_id, &[request_id])?;
    let before = found.remove(&request_id).unwrap_or_default();
    let Some(after) = before.with(added) else { return Ok(Annotated::Full) };
    let before: Vec<Annotation> = before.iter().collect();
    for annotation in after.iter().filter(|annotation| !before.contains(annotation)) {
        let (kind, value, data_type) = encode(annotation.content());
        let key = [
            Param::Uuid(organization_id.as_uuid()),
            Param::Uuid(request_id.as_uuid()),
            Param::Text(kind.to_owned()),
            Param::Text(annotation.name().to_owned()),
        ];
        transaction.execute(sql::DELETE_ANNOTATION, params_from_iter(&key))?;
        let rest = [Param::Text(value), Param::Text(data_type.to_owned()), Param::Time(annotation.at())];
        transaction.execute(sql::INSERT_ANNOTATION, params_from_iter(key.iter().chain(&rest)))?;
    }
    transaction.commit()?;
    Ok(Annotated::Kept)
}

/// Gives each of a tenant's rows its annotations.
pub(super) fn join<'a>(
    connection: &Connection,
    organization_id: OrganizationId,
    rows: impl Iterator<Item = &'a mut LogRow>,
) -> Result<(), Error> {
    let rows: Vec<&mut LogRow> = rows.collect();
    let request_ids: Vec<RequestId> = rows.iter().map(|row| row.request_id).collect();
    let mut found = of_calls(connection, organization_id, &request_ids)?;
    for row in rows {
        row.annotations = found.remove(&row.request_id).unwrap_or_default();
    }
    Ok(())
}

fn of_calls(
    connection: &Connection,
    organization_id: OrganizationId,
    request_ids: &[RequestId],
) -> Result<BTreeMap<RequestId, Annotations>, Error> {
    if request_ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = request_ids.iter().map(RequestId::to_string).collect::<Vec<_>>().join(",");
    let mut prepared = connection.prepare(sql::ANNOTATIONS)?;
    let mut rows = prepared.query(params![organization_id.to_string(), ids])?;
    let mut listed: BTreeMap<RequestId, Vec<Annotation>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let request_id = RequestId::from_uuid(parse_uuid(&row.get::<_, String>(0)?, "request_id")?);
        listed.entry(request_id).or_default().push(decode(row)?);
    }
    let gathered = listed.into_iter().map(|(request_id, annotations)| {
        let gathered = Annotations::default().with(&annotations);
        gathered.map(|gathered| (request_id, gathered)).ok_or(Error::Value { column: "name" })
    });
    gathered.collect()
}

/// Returns kind, value and data type as they are stored.
pub(super) fn encode(content: &Content) -> (&'static str, String, &'static str) {
    let value = match content {
        Content::Property(value) => return (PROPERTY, value.clone(), "string"),
        Content::Feedback(value) => value,
    };
    let text = match value {
        FeedbackValue::Boolean(value) => value.to_string(),
        FeedbackValue::Numerical(value) => value.to_string(),
        FeedbackValue::Text(text) | FeedbackValue::Categorical(text) => text.clone(),
    };
    (FEEDBACK, text, value.data_type())
}

fn decode(row: &Row<'_>) -> Result<Annotation, Error> {
    let (kind, name): (String, String) = (row.get(1)?, row.get(2)?);
    let (value, data_type): (String, String) = (row.get(3)?, row.get(4)?);
    let at: Timestamp = timestamp(row, 5, "annotated_at")?;
    let broken = Error::Value { column: "value" };
    let content = match (kind.as_str(), data_type.as_str()) {
        (PROPERTY, _) => Some(Content::Property(value)),
        (_, "boolean") => value.parse().ok().map(FeedbackValue::Boolean).map(Content::Feedback),
        (_, "numerical") => value.parse().ok().map(FeedbackValue::Numerical).map(Content::Feedback),
        (_, "string") => Some(Content::Feedback(FeedbackValue::Text(value))),
        (_, "categorical") => Some(Content::Feedback(FeedbackValue::Categorical(value))),
        _ => None,
    };
    content.and_then(|content| Annotation::new(name, content, at).ok()).ok_or(broken)
}
