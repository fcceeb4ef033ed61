//! Text that nobody wrote: sentences out of a vocabulary, so that bodies compress and are searched like real ones.
//!
//! All of it can stand in a JSON string as it is; a line end is written as its escape.

use super::random::Random;

/// What sentences are about; a text keeps to one of them.
const TOPICS: [Topic; 8] = [
    Topic {
        nouns: &[
            "invoice",
            "refund",
            "subscription",
            "payment",
            "receipt",
            "order",
            "delivery",
            "warranty",
            "account",
            "coupon",
            "parcel",
            "return label",
        ],
        verbs: &["charges", "cancels", "ships", "replaces", "confirms", "disputes", "credits", "tracks"],
        adjectives: &["duplicate", "late", "damaged", "annual", "pending", "partial", "missing", "prepaid"],
    },
    Topic {
        nouns: &[
            "function",
            "module",
            "endpoint",
            "index",
            "transaction",
            "cache",
            "deadlock",
            "test suite",
            "container",
            "pipeline",
            "stack trace",
            "parser",
            "race condition",
        ],
        verbs: &[
            "allocates",
            "throws",
            "retries",
            "compiles",
            "blocks",
            "serialises",
            "overflows",
            "deploys",
            "migrates",
        ],
        adjectives: &[
            "asynchronous",
            "flaky",
            "nullable",
            "generic",
            "idempotent",
            "stale",
            "recursive",
            "concurrent",
        ],
    },
    Topic {
        nouns: &[
            "clause",
            "contract",
            "tenant",
            "liability",
            "statute",
            "claim",
            "notice period",
            "jurisdiction",
            "deposit",
            "signature",
            "appendix",
        ],
        verbs: &["limits", "terminates", "obliges", "waives", "governs", "indemnifies", "amends"],
        adjectives: &["binding", "void", "reasonable", "written", "exclusive", "retroactive", "enforceable"],
    },
    Topic {
        nouns: &[
            "patient",
            "dosage",
            "symptom",
            "blood pressure",
            "allergy",
            "referral",
            "scan",
            "treatment",
            "diagnosis",
            "physiotherapy",
            "prescription",
        ],
        verbs: &["relieves", "indicates", "monitors", "aggravates", "reduces", "prevents", "follows"],
        adjectives: &["chronic", "acute", "mild", "recurrent", "elevated", "persistent", "benign"],
    },
    Topic {
        nouns: &[
            "itinerary",
            "flight",
            "harbour",
            "visa",
            "hostel",
            "ferry",
            "museum",
            "trail",
            "timetable",
            "suitcase",
            "old town",
            "vineyard",
        ],
        verbs: &["departs", "connects", "overlooks", "includes", "closes", "crosses", "rewards"],
        adjectives: &["scenic", "crowded", "coastal", "overnight", "family-friendly", "remote", "historic"],
    },
    Topic {
        nouns: &[
            "portfolio",
            "dividend",
            "forecast",
            "budget",
            "interest rate",
            "quarter",
            "ledger",
            "margin",
            "currency",
            "audit",
            "cash flow",
        ],
        verbs: &["exceeds", "hedges", "depreciates", "reconciles", "outperforms", "accrues", "offsets"],
        adjectives: &["volatile", "net", "seasonal", "conservative", "unaudited", "fiscal", "long-term"],
    },
    Topic {
        nouns: &[
            "lesson",
            "essay",
            "equation",
            "hypothesis",
            "glossary",
            "exercise",
            "photosynthesis",
            "metaphor",
            "theorem",
            "citation",
            "primary source",
        ],
        verbs: &[
            "illustrates",
            "proves",
            "contradicts",
            "summarises",
            "introduces",
            "generalises",
            "explains",
        ],
        adjectives: &[
            "rigorous",
            "introductory",
            "ambiguous",
            "elegant",
            "quantitative",
            "classical",
            "common",
        ],
    },
    Topic {
        nouns: &[
            "dough",
            "marinade",
            "saffron",
            "casserole",
            "oven",
            "vinaigrette",
            "leek",
            "sourdough starter",
            "broth",
            "pan",
            "shallot",
            "crust",
        ],
        verbs: &["simmers", "browns", "thickens", "rests", "absorbs", "balances", "ferments"],
        adjectives: &["crisp", "tender", "smoky", "caramelised", "bitter", "fragrant", "slow-cooked"],
    },
];

const PEOPLE: &[&str] = &[
    "Amira",
    "Bjørn",
    "Chidi",
    "Daniela",
    "Emeka",
    "Françoise",
    "Giulia",
    "Hiroshi",
    "Ines",
    "José",
    "Katya",
    "Lars",
    "Mei",
    "Nadia",
    "Olu",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tomasz",
    "Uma",
    "Vikram",
    "Wanjiru",
    "Ximena",
    "Yusuf",
    "Zoë",
];
const PLACES: &[&str] = &[
    "Lisbon",
    "Nairobi",
    "Osaka",
    "Montréal",
    "Kraków",
    "Bogotá",
    "Auckland",
    "Zürich",
    "Austin",
    "Jakarta",
    "Tallinn",
    "Porto",
    "Malmö",
    "Chennai",
    "Valparaíso",
    "Ghent",
    "Lagos",
    "Hanoi",
    "Belfast",
    "Denver",
];
const CONNECTORS: &[&str] = &[
    "However,",
    "In practice,",
    "For that reason,",
    "At the same time,",
    "As a first step,",
    "Unless you object,",
    "In other words,",
    "To be precise,",
    "According to the record,",
    "Before anything else,",
    "On the other hand,",
    "By contrast,",
    "As a rule,",
];
const OPENINGS: &[&str] = &[
    "Could you explain why",
    "Please summarise how",
    "I don't understand when",
    "Write a short note on how",
    "Is it true that",
    "What happens if",
    "Compare two cases in which",
    "Give me three reasons why",
    "Check whether",
    "Help me decide whether",
];
const ADVERBS: &[&str] = &[
    "quickly",
    "rarely",
    "usually",
    "silently",
    "on Tuesdays",
    "within minutes",
    "without warning",
    "every quarter",
    "in most cases",
    "only once",
    "by default",
    "after lunch",
    "twice a day",
    "eventually",
    "step by step",
];

const ARTICLES: &[&str] = &["the ", "each ", "every ", "another ", "their ", "our ", "this "];

#[derive(Clone, Copy)]
struct Topic {
    nouns: &'static [&'static str],
    verbs: &'static [&'static str],
    adjectives: &'static [&'static str],
}

/// Writes sentences about one thing.
pub(super) struct Prose {
    topic: Topic,
}

impl Prose {
    /// Returns a writer with a topic of its own.
    pub(super) fn new(random: &mut Random) -> Self {
        let [first, ..] = TOPICS;
        Self { topic: TOPICS.get(random.below(TOPICS.len())).copied().unwrap_or(first) }
    }

    /// Appends a question of about so many characters.
    pub(super) fn question(&self, random: &mut Random, characters: usize, out: &mut String) {
        let end = out.len() + characters;
        out.push_str(random.pick(OPENINGS));
        out.push(' ');
        self.clause(random, out);
        out.push('?');
        if out.len() < end {
            out.push(' ');
            self.sentences(random, end, out);
        }
    }

    /// Appends an answer of about so many characters, in paragraphs and now and then a list.
    pub(super) fn answer(&self, random: &mut Random, characters: usize, out: &mut String) {
        let end = out.len() + characters;
        while out.len() < end {
            let paragraph = (out.len() + 120 + random.below(320)).min(end);
            if random.chance(0.2) {
                self.list(random, out);
            } else {
                self.sentences(random, paragraph, out);
            }
            if out.len() < end {
                out.push_str("\\n\\n");
            }
        }
    }

    fn sentences(&self, random: &mut Random, end: usize, out: &mut String) {
        loop {
            self.sentence(random, out);
            if out.len() >= end {
                return;
            }
            out.push(' ');
        }
    }

    fn list(&self, random: &mut Random, out: &mut String) {
        for number in 1..=2 + random.below(3) {
            out.push_str(&format!("{number}. "));
            self.noun_phrase(random, "The ", out);
            out.push_str(": ");
            self.clause(random, out);
            out.push_str(".\\n");
        }
    }

    fn sentence(&self, random: &mut Random, out: &mut String) {
        match random.below(8) {
            0 => {
                out.push_str(random.pick(CONNECTORS));
                out.push(' ');
                self.clause(random, out);
            }
            1 => {
                out.push_str(random.pick(PEOPLE));
                out.push_str(" from ");
                out.push_str(random.pick(PLACES));
                out.push_str(" says that ");
                self.clause(random, out);
            }
            2 => {
                out.push_str(&format!("Reference {:06}: ", random.below(1_000_000)));
                self.clause(random, out);
            }
            3 => {
                out.push_str("If ");
                self.clause(random, out);
                out.push_str(", then ");
                self.clause(random, out);
            }
            4 => {
                self.noun_phrase(random, "The ", out);
                out.push_str(&format!(" comes to {}.{:02} ", random.below(4_000), random.below(100)));
                out.push_str(random.pick(&["euros", "dollars", "percent", "hours", "kilograms", "points"]));
            }
            _ => {
                self.noun_phrase(random, "The ", out);
                out.push(' ');
                self.predicate(random, out);
            }
        }
        out.push('.');
    }

    fn clause(&self, random: &mut Random, out: &mut String) {
        self.noun_phrase(random, "the ", out);
        out.push(' ');
        self.predicate(random, out);
    }

    fn predicate(&self, random: &mut Random, out: &mut String) {
        out.push_str(random.pick(self.topic.verbs));
        if random.chance(0.75) {
            out.push(' ');
            let article = random.pick(ARTICLES);
            self.noun_phrase(random, article, out);
        }
        if random.chance(0.35) {
            out.push(' ');
            out.push_str(random.pick(ADVERBS));
        }
    }

    fn noun_phrase(&self, random: &mut Random, article: &str, out: &mut String) {
        out.push_str(article);
        if random.chance(0.5) {
            out.push_str(random.pick(self.topic.adjectives));
            out.push(' ');
        }
        out.push_str(random.pick(self.topic.nouns));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_json_strings_of_about_the_wanted_length_and_differ() {
        let mut texts = std::collections::BTreeSet::new();
        for stream in 0..200 {
            let mut random = Random::new(5, stream);
            let (prose, mut text) = (Prose::new(&mut random), String::new());
            prose.question(&mut random, 100, &mut text);
            prose.answer(&mut random, 600, &mut text);
            assert!((500..1_400).contains(&text.len()), "{}: {text}", text.len());
            let read: String = serde_json::from_str(&format!("\"{text}\"")).expect(&text);
            assert!(texts.insert(read));
        }
    }
}
