//! The valid name that an unknown one probably stands for.

/// Returns the candidate nearest to `name`, none if all are too far to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let furthest = (name.chars().count() / 3).max(1);
    let distances = candidates.map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate));
    let (distance, candidate) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= furthest).then_some(candidate)
}

/// Returns the key path nearest to an unknown one: first by name within the section, then in the others.
pub(crate) fn nearest_key<'a>(section: &str, name: &str, paths: &[&'a str]) -> Option<&'a str> {
    let split = |path: &'a str| path.split_once('.').unwrap_or(("", path));
    let of_name = |found: &str, within: Option<&str>| {
        let meets = |path: &&str| {
            let (path_section, path_name) = split_path(path);
            path_name == found && within.is_none_or(|section| path_section == section)
        };
        paths.iter().copied().find(|path| meets(path))
    };
    let here = paths.iter().map(|path| split(path)).filter(|(of, _)| *of == section).map(|(_, name)| name);
    if let Some(found) = nearest(name, here) {
        return of_name(found, Some(section));
    }
    nearest(name, paths.iter().map(|path| split(path).1)).and_then(|found| of_name(found, None))
}

fn split_path(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or(("", path))
}
