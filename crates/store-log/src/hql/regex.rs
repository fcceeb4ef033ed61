//! How large regular expressions are: what repeats something a hundred times is a hundred times as large.

/// How large a regular expression may be: about how many characters it would have if nothing in it repeated anything.
pub(super) const MAX_STATES: u64 = 2_000;

/// What a class of characters by name, as `\pL`, counts for.
const CLASS_STATES: u64 = 100;

/// Returns how large a regular expression is, or something larger.
pub(super) fn states(regex: &str) -> u64 {
    let mut groups = vec![Group::default()];
    let mut characters = regex.chars();
    while let Some(character) = characters.next() {
        match character {
            '(' => groups.push(Group::default()),
            ')' if groups.len() > 1 => {
                let inner = groups.pop().unwrap_or_default().sum;
                add(&mut groups, inner);
            }
            '{' => {
                let counts: String = characters.clone().take_while(|character| *character != '}').collect();
                if counts.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',')) {
                    characters.by_ref().take(counts.len()).for_each(drop);
                    characters.next();
                    repeat(&mut groups, most(&counts));
                } else {
                    add(&mut groups, 1);
                }
            }
            '\\' => {
                let is_class = matches!(characters.next(), Some('p' | 'P'));
                if is_class && characters.next() == Some('{') {
                    characters.by_ref().find(|character| *character == '}');
                }
                add(&mut groups, if is_class { CLASS_STATES } else { 1 });
            }
            _ => add(&mut groups, 1),
        }
    }
    groups.iter().fold(0, |sum, group| sum.saturating_add(group.sum))
}

/// What stands in parentheses, or the whole.
#[derive(Default)]
struct Group {
    sum: u64,
    last: u64,
}

fn add(groups: &mut [Group], states: u64) {
    if let Some(group) = groups.last_mut() {
        group.last = states.max(1);
        group.sum = group.sum.saturating_add(group.last);
    }
}

fn repeat(groups: &mut [Group], times: u64) {
    if let Some(group) = groups.last_mut() {
        let more = group.last.saturating_mul(times.max(1));
        group.sum = group.sum.saturating_add(more);
        group.last = more;
    }
}

/// Returns the larger one of the counts of `{2,5}`; what is none repeats nothing.
fn most(counts: &str) -> u64 {
    counts.split(',').filter_map(|count| count.trim().parse().ok()).max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_counts_as_often() {
        for (regex, least, most) in [
            ("", 0, 0),
            ("abc", 3, 3),
            ("[a-f]{8}-([a-f]{4}-){3}", 20, 250),
            ("a{1000}", 1000, 1100),
            ("((a{10}){10}){10}", 1000, 2000),
            ("(a{100}){100}", 10_000, 12_000),
            (r"\pL{10}", 1000, 1200),
            (r"\p{Greek}{10}", 1000, 1200),
            (r"a\{1000}", 2, 20),
            ("a{1000}{1000}", 1_000_000, 2_000_000),
            ("((((", 0, 4),
            ("a{b{1000}", 1000, 2010),
            ("{(a{500}){500}", 10_000, 1_000_000),
        ] {
            let states = states(regex);
            assert!((least..=most).contains(&states), "{regex}: {states}");
        }
    }
}
