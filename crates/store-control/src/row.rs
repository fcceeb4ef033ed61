//! Columns to values; one that does not read is an error that names table, row and column.

use gatehouse_store::StoreError;
use gatehouse_types::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

use crate::error::{InvalidRow, Operation};

/// A row of a table.
pub(crate) struct TableRow<'a> {
    table: &'static str,
    /// The column that names the row in errors.
    id_column: &'static str,
    row: &'a SqliteRow,
}

/// Reads rows of `table`, each named in errors by `id_column`.
pub(crate) fn read_all<T>(
    operation: Operation,
    (table, id_column): (&'static str, &'static str),
    rows: &[SqliteRow],
    read: impl Fn(&TableRow<'_>) -> Result<T, InvalidRow>,
) -> Result<Vec<T>, StoreError> {
    let values: Result<_, _> = rows.iter().map(|row| read(&TableRow { table, id_column, row })).collect();
    values.map_err(|error| operation.invalid(error))
}

/// Returns the JSON text of a list.
pub(crate) fn json_list<T: Serialize>(list: &[T]) -> String {
    serde_json::json!(list).to_string()
}

impl TableRow<'_> {
    /// Returns a column as it is stored.
    pub(crate) fn plain<T>(&self, column: &'static str) -> Result<T, InvalidRow>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.row.try_get(column).map_err(|_| self.invalid(column))
    }

    /// Returns what the text of a column stands for.
    pub(crate) fn parsed<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, InvalidRow> {
        parse(&self.plain::<String>(column)?).ok_or_else(|| self.invalid(column))
    }

    /// Returns what the text of a column stands for, if there is one.
    pub(crate) fn parsed_if_any<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, InvalidRow> {
        let text: Option<String> = self.plain(column)?;
        text.map(|text| parse(&text).ok_or_else(|| self.invalid(column))).transpose()
    }

    /// Returns what the JSON text of a column says.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, InvalidRow> {
        self.parsed(column, |text| serde_json::from_str(text).ok())
    }

    /// Returns what the number of a column stands for.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, InvalidRow> {
        T::try_from(self.plain(column)?).map_err(|_| self.invalid(column))
    }

    /// Returns the time in a column.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, InvalidRow> {
        self.plain(column).map(Timestamp::from_unix_micros)
    }

    /// Returns the time in a column, if there is one.
    pub(crate) fn time_if_any(&self, column: &'static str) -> Result<Option<Timestamp>, InvalidRow> {
        let micros: Option<i64> = self.plain(column)?;
        Ok(micros.map(Timestamp::from_unix_micros))
    }

    /// Returns the error for a column whose value has no meaning.
    pub(crate) fn invalid(&self, column: &'static str) -> InvalidRow {
        let id = self.row.try_get(self.id_column).unwrap_or_else(|_| "without an id".to_owned());
        InvalidRow { table: self.table, id, column }
    }
}
