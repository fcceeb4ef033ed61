//! The page about filters, `docs/filters.md`, whose tables are those of the grammar.

use super::Column;
use super::grammar::{MAP_TABLES, Map, Meaning, REFUSED_TABLES, TABLES, Table};

/// Returns the page as Markdown.
pub fn page() -> String {
    let mut page = include_str!("reference.md").to_owned();
    for table in &TABLES {
        write_table(table, &mut page);
    }
    page.push_str("\n### Maps\n\n");
    for (name, map) in MAP_TABLES {
        line(&mut page, format_args!("- `{name}`: {}", of_map(map)));
    }
    page.push_str("\n### Not here\n\n");
    for (name, reason) in REFUSED_TABLES {
        line(&mut page, format_args!("- `{name}`: {reason}"));
    }
    page
}

fn write_table(table: &Table, page: &mut String) {
    line(page, format_args!("\n### `{}`\n", table.name));
    if let Some(implied) = &table.implied {
        line(page, format_args!("Only calls of this kind: {}.\n", implied_kind(&implied.column)));
    }
    page.push_str("| column | of |\n|---|---|\n");
    for (name, meaning) in table.columns {
        line(page, format_args!("| `{name}` | {} |", of(meaning)));
    }
    for (name, map) in table.maps {
        line(page, format_args!("| `{name}` | {} |", of_map(*map)));
    }
    for (name, reason) in table.refused {
        line(page, format_args!("| `{name}` | refused: {reason} |"));
    }
}

fn line(page: &mut String, arguments: std::fmt::Arguments<'_>) {
    page.push_str(&arguments.to_string());
    page.push('\n');
}

const fn implied_kind(column: &Column) -> &'static str {
    match column {
        Column::Bool(super::BoolColumn::Cached) => "answered by the cache",
        Column::Bool(super::BoolColumn::RateLimited) => "refused by a limit",
        _ => "with feedback or scores",
    }
}

const fn of(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Column(column) => match column {
            Column::Number(_) => "number",
            Column::Time(_) => "time",
            Column::Bool(_) => "yes or no",
            Column::PropertyKey => "text, `equals` only: the name of a property that the call has",
            Column::SessionTag => "text: the tag of the call's session",
            _ => "text",
        },
        Meaning::Property(_) => "text",
        Meaning::Figure(_, figure) if figure.is_time() => "time, of the whole group",
        Meaning::Figure(..) => "number, of the whole group",
        Meaning::Day => "time: the whole day in UTC",
        Meaning::Scores => "`\"{}\"` only: whether there are scores",
        Meaning::Empty => "text, empty for every call",
        Meaning::False => "yes or no, false for every call",
        Meaning::PropertyName => "text, `equals` only: the name of a property",
        Meaning::PropertyValue => "text: the value of the property that is named beside it",
    }
}

const fn of_map(map: Map) -> &'static str {
    match map {
        Map::Properties => "map of texts, by the names of properties",
        Map::Scores => "map of scores, by their names",
        Map::Inputs => "map of texts, by the names of a prompt's inputs",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::filter::{Filter, GroupKind, parse_grouped};

    #[test]
    fn the_committed_page_is_fresh() {
        let committed = include_str!("../../../../docs/filters.md");
        assert_eq!(
            committed,
            page(),
            "run `cargo run -q -p gatehouse-store --example filters > docs/filters.md`"
        );
    }

    #[test]
    fn every_example_of_the_page_is_a_filter() {
        let page = page();
        let blocks = |language: &str| -> Vec<Value> {
            let begin = format!("```{language}\n");
            let texts = page.split(begin.as_str()).skip(1).filter_map(|rest| rest.split("```").next());
            texts.map(|text| serde_json::from_str(text).expect("JSON")).collect()
        };
        let (calls, sessions) = (blocks("json"), blocks("sessions"));
        assert_eq!((calls.len(), sessions.len()), (3, 1));
        for document in calls {
            assert!(Filter::parse(&document).is_ok(), "{document}");
        }
        for document in sessions {
            assert!(parse_grouped(&document, GroupKind::Sessions).is_ok(), "{document}");
        }
    }
}
