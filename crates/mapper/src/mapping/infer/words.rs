//! What keys mean: lists of words for concepts, in several languages, and how like a concept a key is.
//!
//! Names are evidence, never proof: a key is compared by its words, whatever way they are joined, and other
//! evidence decides with it.

pub(super) mod lists;

pub(super) use self::lists::Concept;

use crate::mapping::path::{Path, Segment};

/// From how many letters on a word is looked for inside longer ones, as German joins them.
const STEM_LETTERS: usize = 5;
/// The likeness of a key that has a word of the concept among others that are foreign to it.
const PARTLY: f64 = 0.5;

/// Returns how like a concept a key is: 0 to 1.
pub(super) fn likeness(concept: Concept, key: &str) -> f64 {
    let tokens = tokens(key);
    let list = concept.words();
    if list.contains(&tokens.concat().as_str()) {
        return 1.0;
    }
    let (mut matched, mut neutral, mut letters) = (0, 0, 0);
    let mut rest = tokens.as_slice();
    while let Some((token, after)) = rest.split_first() {
        let pair = after.first().map(|next| format!("{token}{next}"));
        if let Some(pair) = pair.filter(|pair| list.contains(&pair.as_str())) {
            matched += pair.chars().count();
            letters += pair.chars().count();
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let here = covered(token, list);
        matched += here;
        neutral += if here == 0 { covered(token, Concept::Neutral.words()) } else { rest_of(token, list) };
        letters += token.chars().count();
        rest = after;
    }
    if matched == 0 {
        return 0.0;
    }
    let share = crate::mapping::shape::ratio(matched + neutral, letters).min(1.0);
    PARTLY + (1.0 - PARTLY) * share
}

/// Returns how many letters of a token are words of the list.
fn covered(token: &str, list: &[&str]) -> usize {
    if list.contains(&token) {
        return token.chars().count();
    }
    let found = list.iter().filter(|word| is_stem(word) && token.contains(**word));
    found.map(|word| word.chars().count()).max().unwrap_or(0)
}

/// Returns how many letters of a token are neutral once the words of the list are taken out.
fn rest_of(token: &str, list: &[&str]) -> usize {
    let stem = list.iter().filter(|word| is_stem(word) && token.contains(**word));
    let Some(stem) = stem.max_by_key(|word| word.chars().count()) else { return 0 };
    let rest = token.replacen(stem, "", 1);
    // What is left of an inflected word is no word of its own.
    let is_ending = rest.chars().count() <= 2 && rest.is_ascii();
    if is_ending { rest.chars().count() } else { covered(&rest, Concept::Neutral.words()) }
}

fn is_stem(word: &str) -> bool {
    if word.is_ascii() { word.len() >= STEM_LETTERS } else { word.chars().count() >= 2 }
}

/// Returns whether a key has a word of the concept.
pub(super) fn speaks_of(concept: Concept, key: &str) -> bool {
    likeness(concept, key) > 0.0
}

/// Returns whether a segment of the path has a word of the concept.
pub(super) fn path_speaks_of(concept: Concept, path: &Path) -> bool {
    keys(path).any(|key| speaks_of(concept, key))
}

/// Returns the names in a path from the last to the first; a selector is named by what it selects.
pub(super) fn keys(path: &Path) -> impl Iterator<Item = &str> {
    path.segments().iter().rev().filter_map(|segment| match segment {
        Segment::Each => None,
        Segment::Key(key) => Some(key.as_str()),
        Segment::Where { value, .. } => Some(value.as_str()),
    })
}

/// Returns the last name in a path.
pub(super) fn leaf(path: &Path) -> &str {
    keys(path).next().unwrap_or_default()
}

/// Returns how like a concept a place is: by its name or, where that says nothing by itself, by the one above.
pub(super) fn place_likeness(concept: Concept, path: &Path) -> f64 {
    let says_nothing =
        |key: &&str| tokens(key).iter().all(|token| Concept::Neutral.words().contains(&token.as_str()));
    match keys(path).find(|key| !says_nothing(key)) {
        Some(key) => likeness(concept, key),
        None => 0.0,
    }
}

/// Returns the words of a key in small letters without accents: `maxOutput_tokens` → `max`, `output`, `tokens`.
pub(super) fn tokens(key: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let (mut token, mut before) = (String::new(), ' ');
    let mut letters = key.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let is_hump =
            letter.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_small));
        let is_turn = letter.is_ascii_digit() != before.is_ascii_digit();
        if (!letter.is_alphanumeric() || is_hump || is_turn) && !token.is_empty() {
            tokens.push(std::mem::take(&mut token));
        }
        if letter.is_alphanumeric() {
            letter.to_lowercase().for_each(|small| plain(small, &mut token));
        }
        before = letter;
    }
    tokens.extend(Some(token).filter(|token| !token.is_empty()));
    tokens
}

/// Adds a letter without its accent.
fn plain(letter: char, token: &mut String) {
    let letter = match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ё' => 'е',
        'ß' => 's',
        // Accents that stand by themselves.
        '\u{300}'..='\u{36f}' => return,
        letter => letter,
    };
    token.push(letter);
}

#[cfg(test)]
mod tests;
