//! Other names of a model, under which it may be listed.
//!
//! Providers are asked for, and answer with, names that say more than which model it is: a path, a region, a
//! version, the day of a snapshot. Each of these is taken away in turn; the less is taken away, the earlier a
//! name comes.

use std::borrow::Cow;

/// A longer name is no model's.
const MAX_BYTES: usize = 512;
/// Those that pass calls on to others' models: each of their names (`author/model:free`) has its own price.
const EXACT_ONLY: [&str; 2] = ["OPENROUTER", "VERCEL"];
/// What stands before a model of Bedrock where several regions serve it.
const GEOGRAPHIES: [&str; 6] = ["us.", "eu.", "apac.", "jp.", "au.", "ca."];
/// The same where every region may serve it.
const GLOBAL: &str = "global.";
/// How the Claudes before version 4.5 are called.
const OLD_CLAUDES: [&str; 9] = [
    "claude-instant",
    "claude-v",
    "claude-2",
    "claude-3",
    "claude-opus-4@",
    "claude-opus-4-2025",
    "claude-opus-4-1",
    "claude-sonnet-4@",
    "claude-sonnet-4-2025",
];

/// Returns the other names of a model, nearest first.
///
/// `provider` is in upper case. A fine-tuned model (`ft:<base>:…`) is priced by its base's `ft:<base>` only,
/// never as its base.
pub(crate) fn other_names(provider: &str, model: &str) -> Vec<String> {
    if model.len() > MAX_BYTES {
        return Vec::new();
    }
    let decoded = percent_decoded(model.trim());
    let mut names = vec![decoded.clone().into_owned()];
    if !EXACT_ONLY.contains(&provider) {
        add(&mut names, |name| without_path(provider, name).map(str::to_owned));
        add(&mut names, fine_tuned);
        match provider {
            "AWS" | "BEDROCK" => {
                add(&mut names, |name| without_geography(name).map(str::to_owned));
                add(&mut names, |name| without_throughput(name).map(str::to_owned));
                add(&mut names, |name| without_version(name).map(str::to_owned));
            }
            "GOOGLE" => {
                add(&mut names, other_date);
                add(&mut names, |name| without_number(name).map(str::to_owned));
            }
            _ => {}
        }
        add(&mut names, |name| without_suffix(name).map(str::to_owned));
    }
    names.retain(|name| !name.is_empty() && name != model);
    names
}

/// Adds what a step makes of each name.
fn add(names: &mut Vec<String>, step: impl Fn(&str) -> Option<String>) {
    let more = names.iter().filter_map(|name| step(name)).collect::<Vec<_>>();
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// `anthropic.claude-v2%3A1` → `anthropic.claude-v2:1`.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let escaped = (*first == b'%').then(|| tail.split_at_checked(2)).flatten();
        let decoded = escaped.and_then(|(hex, tail)| Some((hex_byte(hex)?, tail)));
        match decoded {
            Some((byte, tail)) => {
                bytes.push(byte);
                rest = tail;
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex_byte(hex: &[u8]) -> Option<u8> {
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

/// What stands behind `models/` of a resource's path or at the end of an ARN, and Google's own models without
/// their publisher.
fn without_path<'a>(provider: &str, name: &'a str) -> Option<&'a str> {
    if name.starts_with("arn:") {
        // `…:foundation-model/<model>` and `…:inference-profile/<model>`; other resources have names of their own.
        return name.rsplit_once('/').map(|(_, model)| model);
    }
    if let Some(model) = name.strip_prefix("models/") {
        return Some(model);
    }
    let is_resource = name.starts_with("projects/") || name.starts_with("publishers/");
    if is_resource && let Some((_, model)) = name.rsplit_once("/models/") {
        return Some(model);
    }
    name.strip_prefix("google/").filter(|_| provider == "GOOGLE")
}

/// `ft:<base>:<organisation>:<name>:<id>` → `ft:<base>`.
fn fine_tuned(name: &str) -> Option<String> {
    fine_tuned_base(name).map(|base| format!("ft:{base}"))
}

/// `ft:<base>:<organisation>:<name>:<id>` → `<base>`; `None` for a model that is not fine-tuned.
pub(crate) fn fine_tuned_base(model: &str) -> Option<&str> {
    model.strip_prefix("ft:")?.split(':').next()
}

/// `us.anthropic.claude-3-haiku` → `anthropic.claude-3-haiku`.
fn without_geography(name: &str) -> Option<&str> {
    let regional = || GEOGRAPHIES.iter().find_map(|geography| name.strip_prefix(geography));
    name.strip_prefix(GLOBAL).or_else(|| regional().filter(|name| !has_regional_prices(name)))
}

/// Whether a model costs more where a region serves it than where any region may, as Claude does at AWS and Google
/// since version 4.5, and Gemini since 3.1: the price of the one says nothing about the other.
pub(crate) fn has_regional_prices(model: &str) -> bool {
    if let Some(version) = model.find("gemini-").and_then(|start| model.get(start + "gemini-".len()..)) {
        return version.starts_with("3.") || version.starts_with(|first: char| ('4'..='9').contains(&first));
    }
    let Some(name) = model.find("claude-").and_then(|start| model.get(start..)) else { return false };
    let is_old = OLD_CLAUDES.iter().any(|old| name.starts_with(old));
    !is_old && !matches!(name, "claude-opus-4" | "claude-sonnet-4")
}

/// `…-v1:0:200k` → `…-v1:0`: the same model with provisioned throughput.
fn without_throughput(name: &str) -> Option<&str> {
    let (name, length) = name.rsplit_once(':')?;
    let digits = length.strip_suffix('k')?;
    is_digits(digits).then_some(name)
}

/// `…-v1:0` → `…-v1` → `…`, and `…:0` → `…`.
fn without_version(name: &str) -> Option<&str> {
    let name = match name.rsplit_once(':') {
        Some((name, version)) if is_digits(version) => name,
        _ => return without_minor(name),
    };
    Some(without_minor(name).unwrap_or(name))
}

fn without_minor(name: &str) -> Option<&str> {
    let (name, version) = name.rsplit_once("-v")?;
    is_digits(version).then_some(name)
}

/// `claude-3-haiku-20240307` ↔ `claude-3-haiku@20240307`: Vertex writes it the second way, Claude the first.
fn other_date(name: &str) -> Option<String> {
    let (base, date) = name.rsplit_once(['-', '@'])?;
    let mark = if name.contains('@') { '-' } else { '@' };
    is_full_date(date).then(|| format!("{base}{mark}{date}"))
}

/// `gemini-2.0-flash-001` → `gemini-2.0-flash`.
fn without_number(name: &str) -> Option<&str> {
    let (name, number) = name.rsplit_once('-')?;
    (number.len() == 3 && number.starts_with('0') && is_digits(number)).then_some(name)
}

/// Without `-latest`, `@latest`, `@default` or the date of a snapshot.
fn without_suffix(name: &str) -> Option<&str> {
    let fixed = ["-latest", "@latest", "@default"].iter().find_map(|suffix| name.strip_suffix(suffix));
    fixed.or_else(|| without_date(name))
}

/// Without the date of a snapshot: `-2024-07-18`, `-20240718`, `@20240718`, `-07-18`, `-08-2024`, `-0718`, `-2407`.
fn without_date(name: &str) -> Option<&str> {
    let (rest, last) = name.rsplit_once(['-', '@'])?;
    let is_at = name.as_bytes().get(rest.len()) == Some(&b'@');
    if is_full_date(last) {
        return Some(rest);
    }
    if is_at || !is_digits(last) {
        return None;
    }
    let (before, middle) = rest.rsplit_once('-').unwrap_or((rest, ""));
    match (middle.len(), last.len()) {
        (2, 2) if is_month(middle) && is_day(last) => match before.rsplit_once('-') {
            Some((before, year)) if is_year(year) => Some(before),
            _ => Some(before),
        },
        (2, 4) if is_month(middle) && is_year(last) => Some(before),
        (_, 4) => is_short_date(last).then_some(rest),
        _ => None,
    }
    .filter(|name| !name.is_empty())
}

/// Without `-2024-07-18` or `-20240718`.
pub(crate) fn without_full_date(name: &str) -> Option<&str> {
    let (rest, last) = name.rsplit_once('-')?;
    if is_full_date(last) {
        return Some(rest);
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    (is_year(year) && is_month(month) && is_day(last)).then_some(rest)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `20240718`.
fn is_full_date(text: &str) -> bool {
    let parts = text.split_at_checked(4).and_then(|(year, rest)| Some((year, rest.split_at_checked(2)?)));
    parts.is_some_and(|(year, (month, day))| is_year(year) && is_month(month) && is_day(day))
}

/// `0718` or `2407`.
fn is_short_date(text: &str) -> bool {
    let Some((first, second)) = text.split_at_checked(2) else { return false };
    let is_recent_year = is_digits(first) && ("23"..="39").contains(&first);
    (is_month(first) && is_day(second)) || (is_recent_year && is_month(second))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.starts_with("20") && is_digits(text)
}

fn is_month(text: &str) -> bool {
    text.len() == 2 && is_digits(text) && ("01"..="12").contains(&text)
}

fn is_day(text: &str) -> bool {
    text.len() == 2 && is_digits(text) && ("01"..="31").contains(&text)
}

#[cfg(test)]
mod tests;
