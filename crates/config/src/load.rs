//! Reading: defaults, then the file, then the environment, then the command line; the later wins.
//!
//! Nothing stops at the first problem: a value that is refused leaves the field as it was, and reading goes on.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::checks;
use crate::config::Config;
use crate::definitions::{self, CALLERS_VARIABLES, Definition, SECTIONS, VARIABLE_PREFIX};
use crate::nearest::{nearest, nearest_key, split};
use crate::problem::{ConfigError, Place, Problem};
use crate::raw::{Node, Raw, shown_text};
use crate::slot::Complaint;

impl Config {
    /// Reads and checks a configuration.
    ///
    /// `file` is the path and the text of the configuration file, `environment` all variables of the process, of
    /// which those that begin with `GATEHOUSE_` count, but for a few that belong to callers, and `data_dir` the
    /// command line's `--data-dir`.
    ///
    /// # Errors
    /// Returns every problem of every source at once.
    pub fn load(
        file: Option<(&Path, &str)>,
        environment: &BTreeMap<String, String>,
        data_dir: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let mut reading = Reading { config: Self::default(), places: BTreeMap::new(), problems: Vec::new() };
        if let Some((path, text)) = file {
            reading.file(&File { path, text });
        }
        reading.environment(environment);
        if let Some(path) = data_dir {
            reading.data_dir_argument(path);
        }
        let Reading { config, places, mut problems } = reading;
        let across = checks::run(&config, &places, &problems);
        problems.extend(across);
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

/// A configuration file that was read.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place::File { path: self.path.to_owned(), line, column }
    }
}

/// What has been read so far.
struct Reading {
    config: Config,
    /// Where each key that is not at its default was set.
    places: BTreeMap<&'static str, Place>,
    problems: Vec<Problem>,
}

impl Reading {
    fn file(&mut self, file: &File<'_>) {
        let (table, errors) = DeTable::parse_recoverable(file.text);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.problem(file.place(offset), None, format!("not valid TOML: {}", error.message()));
        }
        if errors.is_empty() {
            for (key, value) in table.get_ref() {
                self.top_level(file, key.get_ref(), key.span().start, value);
            }
        }
        self.problems.sort_by(|one, other| one.place.cmp(&other.place));
    }

    fn top_level(&mut self, file: &File<'_>, name: &str, offset: usize, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            // A quoted key with a dot in it is not the name of a section within another.
            _ if is_section(name) && !name.contains('.') => self.section(file, name, offset, value),
            DeValue::Table(_) if definitions::find(name).is_none() => {
                let shown = if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() };
                let message = format!("unknown section {}{}", shown_text(&shown), suggest_section(name));
                self.problem(file.place(offset), None, message);
            }
            // A quoted key with a dot in it is not the path of a key within a section.
            _ if name.contains('.') => {
                let message =
                    format!("unknown key {}{}", shown_text(&format!("\"{name}\"")), suggest_key(name));
                self.problem(file.place(offset), None, message);
            }
            _ => self.file_key(file, name, offset, value),
        }
    }

    /// Reads the keys of a section, and the sections within it.
    fn section(&mut self, file: &File<'_>, name: &str, offset: usize, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(keys) = value.get_ref() else {
            let kind = Node::from(value).raw.kind();
            let message = format!("`{name}` is {kind}; expected a section `[{name}]`");
            self.problem(file.place(offset), None, message);
            return;
        };
        for (key, value) in keys {
            let (path, offset) = (format!("{name}.{}", key.get_ref()), key.span().start);
            if is_section(&path) && !key.get_ref().contains('.') {
                self.section(file, &path, offset, value);
            } else {
                self.file_key(file, &path, offset, value);
            }
        }
    }

    fn file_key(&mut self, file: &File<'_>, path: &str, offset: usize, value: &Spanned<DeValue<'_>>) {
        let Some(definition) = definitions::find(path) else {
            let message = format!("unknown key {}{}", shown_text(path), suggest_key(path));
            self.problem(file.place(offset), None, message);
            return;
        };
        let node = Node::from(value);
        let outcome = (definition.slot)(&mut self.config).set(&node);
        // Tables are written over several lines: their place is the key.
        let shown_offset = if matches!(node.raw, Raw::Table(_)) { offset } else { node.offset };
        self.settle(definition, &file.place(shown_offset), outcome, |complaint| file.place(complaint.offset));
    }

    fn environment(&mut self, environment: &BTreeMap<String, String>) {
        let is_ours = |name: &str| name.starts_with(VARIABLE_PREFIX) && !CALLERS_VARIABLES.contains(&name);
        for (variable, text) in environment.iter().filter(|(name, _)| is_ours(name)) {
            let place = Place::Variable(variable.clone());
            let Some(definition) = definitions::all().find(|definition| definition.variable() == *variable)
            else {
                let message = format!("unknown variable{}", suggest_variable(variable));
                self.problem(place, None, message);
                continue;
            };
            let outcome = (definition.slot)(&mut self.config).set_plain(text);
            self.settle(definition, &place, outcome, |_| place.clone());
        }
    }

    /// Takes `--data-dir` as it is: a path from the command line need not be text.
    fn data_dir_argument(&mut self, path: &Path) {
        let place = Place::Argument("--data-dir");
        if path.as_os_str().is_empty() {
            self.problem(place, Some("data_dir"), "`data_dir` is empty; expected a path".to_owned());
        } else {
            path.clone_into(&mut self.config.data_dir);
            self.places.insert("data_dir", place);
        }
    }

    /// Notes where a key was set, or what was wrong with its value.
    fn settle(
        &mut self,
        definition: &'static Definition,
        place: &Place,
        outcome: Result<(), Vec<Complaint>>,
        place_of: impl Fn(&Complaint) -> Place,
    ) {
        match outcome {
            Ok(()) => {
                self.places.insert(definition.path, place.clone());
            }
            Err(complaints) => {
                for complaint in complaints {
                    let message = format!("`{}` {}", definition.path, complaint.message);
                    self.problem(place_of(&complaint), Some(definition.path), message);
                }
            }
        }
    }

    fn problem(&mut self, place: Place, key: Option<&'static str>, message: String) {
        self.problems.push(Problem { place, key, message });
    }
}

fn is_section(name: &str) -> bool {
    SECTIONS.iter().any(|section| !section.name.is_empty() && section.name == name)
}

fn suggest_section(name: &str) -> String {
    let names = SECTIONS.iter().map(|section| section.name).filter(|name| !name.is_empty());
    match nearest(name, names.clone()) {
        Some(found) => format!("; did you mean `{found}`?"),
        None => format!("; the sections are {}", enumerate(names)),
    }
}

fn suggest_key(path: &str) -> String {
    let (section, name) = split(path);
    let paths = definitions::all().map(|definition| definition.path).collect::<Vec<_>>();
    if let Some(found) = nearest_key(section, name, &paths) {
        return format!("; did you mean `{found}`?");
    }
    let section_keys = SECTIONS.iter().find(|known| known.name == section).map(|known| known.keys);
    let names = section_keys.unwrap_or_default().iter().map(Definition::name);
    format!("; the keys {} are {}", place_name(section), enumerate(names))
}

fn place_name(section: &str) -> String {
    if section.is_empty() { "above all sections".to_owned() } else { format!("of `{section}`") }
}

fn suggest_variable(variable: &str) -> String {
    let variables = definitions::all().map(Definition::variable).collect::<Vec<_>>();
    match nearest(variable, variables.iter().map(String::as_str)) {
        Some(found) => format!("; did you mean `{found}`?"),
        None => format!(
            "; a variable is named `{VARIABLE_PREFIX}<SECTION>__<KEY>`, or `{VARIABLE_PREFIX}<KEY>` for a key above all sections"
        ),
    }
}

fn enumerate<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
