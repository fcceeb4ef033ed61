//! The valid name that an unknown one probably stands for.

/// Returns the candidate nearest to `name`, none if all are too far to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let furthest = (name.chars().count() / 3).max(1);
    let distances = candidates.map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate));
    let (distance, candidate) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= furthest).then_some(candidate)
}

/// Returns the key path nearest to an unknown one: by name within the section, else in any.
pub(crate) fn nearest_key<'a>(section: &str, name: &str, paths: &[&'a str]) -> Option<&'a str> {
    let near = |candidates: &[&'a str]| {
        let found = nearest(name, candidates.iter().map(|path| split(path).1))?;
        candidates.iter().copied().find(|path| split(path).1 == found)
    };
    let here = paths.iter().copied().filter(|path| split(path).0 == section).collect::<Vec<_>>();
    near(&here).or_else(|| near(paths))
}

/// Splits a path into its section, empty for none, and its name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}
