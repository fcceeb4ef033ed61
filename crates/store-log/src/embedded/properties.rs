//! Properties in columns of their own: which name of an organisation is in which column. Names get a column when
//! they first come, as long as there is one left.

use std::collections::{BTreeSet, HashMap};

use duckdb::{Connection, params};
use gatehouse_store::log::{LogRow, SESSION_ID, SESSION_NAME, SESSION_PATH};
use gatehouse_types::OrganizationId;

use super::engine::Error;
use crate::sql::{self, Added, OwnColumns};

/// How many columns there are.
pub(super) const COLUMNS: usize = 16;
/// What the first columns have in every organisation.
const EVERYWHERE: [&str; 3] = [SESSION_ID, SESSION_NAME, SESSION_PATH];
/// How long a name may be that gets a column, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// The names that have columns, by organisation and in the order of the columns.
#[derive(Default)]
pub(super) struct Known(HashMap<OrganizationId, Vec<String>>);

impl Known {
    /// Gives columns to the names that rows come with; the transaction has to be the one that stores the rows, and
    /// what is known is to be forgotten when it fails.
    pub(super) fn learn(&mut self, transaction: &Connection, rows: &[LogRow]) -> Result<(), Error> {
        for row in rows.iter().filter(|row| !row.properties.is_empty()) {
            let organization_id = row.organization_id;
            let names = match self.0.entry(organization_id) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    new.insert(stored(transaction, organization_id)?)
                }
            };
            if names.len() >= COLUMNS {
                continue;
            }
            let unknown: BTreeSet<&String> =
                row.properties.keys().filter(|name| !names.contains(name)).collect();
            for name in unknown.into_iter().filter(|name| name.len() <= MAX_NAME_BYTES) {
                if names.len() < COLUMNS {
                    let number = names.len() as u64;
                    transaction.execute(
                        sql::INSERT_PROPERTY_COLUMN,
                        params![organization_id.to_string(), name, number],
                    )?;
                    names.push(name.clone());
                }
            }
        }
        Ok(())
    }

    /// Returns what a row has in a column.
    pub(super) fn value<'r>(&self, row: &'r LogRow, column: usize) -> Option<&'r str> {
        let name = self.0.get(&row.organization_id)?.get(column)?;
        row.properties.get(name).map(String::as_str)
    }
}

/// Returns the names of an organisation's columns.
fn stored(connection: &Connection, organization_id: OrganizationId) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = EVERYWHERE.map(str::to_owned).to_vec();
    let mut prepared = connection.prepare(sql::PROPERTY_COLUMNS)?;
    let others = prepared.query_map(params![organization_id.to_string()], |row| row.get(0))?;
    names.extend(others.collect::<duckdb::Result<Vec<String>>>()?);
    Ok(names)
}

/// Returns how statements about an organisation are written; those that read no properties need to know nothing.
pub(super) fn dialect(
    connection: &Connection,
    organization_id: OrganizationId,
    added: Added,
) -> Result<OwnColumns, Error> {
    if added == Added::Unread {
        return Ok(OwnColumns::default());
    }
    let first_row_key = connection.query_row(sql::PROPERTY_COLUMNS_FROM, [], |row| row.get(0))?;
    let names = stored(connection, organization_id)?;
    Ok(OwnColumns { names, first_row_key, looks_at_added: added.has_properties() })
}
