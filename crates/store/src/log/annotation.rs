//! What is added to a logged call later: feedback, and further properties.
//!
//! The facts of a call never change. An annotation lies beside them and is joined when rows are read. It
//! is kept under an organisation and the id of a call, whether such a row is there yet or not: a call is
//! stored after it has ended, and feedback may come before.

use std::collections::BTreeMap;

use gatehouse_types::Timestamp;

/// How long the name of an annotation may be, in characters.
pub const MAX_NAME_CHARACTERS: usize = 200;
/// How long the value of an annotation may be, in bytes.
pub const MAX_VALUE_BYTES: usize = 10_000;
/// How many annotations one call may have.
pub const MAX_ANNOTATIONS: usize = 100;
/// The name of the feedback that is a rating, thumbs up or down, as in Helicone's scores.
pub const RATING: &str = "helicone-score-feedback";

/// One thing that is added to a call.
///
/// # Invariants
/// The name has 1 to [`MAX_NAME_CHARACTERS`] characters, the value at most [`MAX_VALUE_BYTES`] bytes; the
/// feedback named [`RATING`] is true or false.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    name: String,
    content: Content,
    at: Timestamp,
}

/// What an annotation says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Feedback on the answer.
    Feedback(FeedbackValue),
    /// The value of a property; it wins over the one that the call was sent with.
    Property(String),
}

/// The value of feedback, with the data types of Helicone's Python package.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedbackValue {
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Numerical(f64),
    /// Any text.
    Text(String),
    /// One word out of a set that the caller knows.
    Categorical(String),
}

/// Why something can't be an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAnnotation {
    /// The name is empty or too long.
    #[error("a text of 1 to {MAX_NAME_CHARACTERS} characters")]
    Name,
    /// The value is too long.
    #[error("at most {MAX_VALUE_BYTES} bytes long")]
    Value,
    /// The feedback named [`RATING`] is neither true nor false.
    #[error("true or false, as `{RATING}` is the rating")]
    Rating,
}

impl Annotation {
    /// Returns an annotation made `at` a point in time.
    ///
    /// # Errors
    /// Fails when the name or the value is not what it must be.
    pub fn new(name: impl Into<String>, content: Content, at: Timestamp) -> Result<Self, InvalidAnnotation> {
        let name = name.into();
        if name.is_empty() || name.chars().nth(MAX_NAME_CHARACTERS).is_some() {
            return Err(InvalidAnnotation::Name);
        }
        let value_bytes = match &content {
            Content::Feedback(FeedbackValue::Boolean(_)) => 0,
            Content::Feedback(_) if name == RATING => return Err(InvalidAnnotation::Rating),
            Content::Feedback(FeedbackValue::Numerical(_)) => 0,
            Content::Feedback(FeedbackValue::Text(text) | FeedbackValue::Categorical(text))
            | Content::Property(text) => text.len(),
        };
        if value_bytes > MAX_VALUE_BYTES {
            return Err(InvalidAnnotation::Value);
        }
        Ok(Self { name, content, at })
    }

    /// Returns the name of the feedback or property.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it says.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Returns when it was made.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

impl FeedbackValue {
    /// The names of the data types.
    pub const DATA_TYPES: [&'static str; 4] = ["boolean", "numerical", "string", "categorical"];

    /// Returns the name of the data type.
    pub const fn data_type(&self) -> &'static str {
        let [boolean, numerical, string, categorical] = Self::DATA_TYPES;
        match self {
            Self::Boolean(_) => boolean,
            Self::Numerical(_) => numerical,
            Self::Text(_) => string,
            Self::Categorical(_) => categorical,
        }
    }
}

/// A value and when it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// When it was given.
    pub at: Timestamp,
}

/// All that was added to one call: for each name, what was given last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// The feedback, by name.
    pub feedback: BTreeMap<String, Given<FeedbackValue>>,
    /// The added properties, by name.
    pub properties: BTreeMap<String, Given<String>>,
}

impl Annotations {
    /// Returns these annotations with `added` ones, or `None` when that is more than a call may have.
    ///
    /// Of two with the same name and kind the later one stays; of two of the same time, the added one.
    pub fn with(&self, added: &[Annotation]) -> Option<Self> {
        let mut all = self.clone();
        for annotation in added {
            let (name, at) = (annotation.name.clone(), annotation.at);
            match annotation.content.clone() {
                Content::Feedback(value) => give(&mut all.feedback, name, Given { value, at }),
                Content::Property(value) => give(&mut all.properties, name, Given { value, at }),
            }
        }
        (all.feedback.len() + all.properties.len() <= MAX_ANNOTATIONS).then_some(all)
    }

    /// Returns each annotation.
    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        let feedback = self.feedback.iter().map(|(name, given)| Annotation {
            name: name.clone(),
            content: Content::Feedback(given.value.clone()),
            at: given.at,
        });
        let properties = self.properties.iter().map(|(name, given)| Annotation {
            name: name.clone(),
            content: Content::Property(given.value.clone()),
            at: given.at,
        });
        feedback.chain(properties)
    }

    /// Returns the rating and when it was given.
    pub fn rating(&self) -> Option<Given<bool>> {
        let given = self.feedback.get(RATING)?;
        match given.value {
            FeedbackValue::Boolean(value) => Some(Given { value, at: given.at }),
            _ => None,
        }
    }

    /// Returns when the last annotation was made.
    pub fn latest(&self) -> Option<Timestamp> {
        let feedback = self.feedback.values().map(|given| given.at);
        feedback.chain(self.properties.values().map(|given| given.at)).max()
    }
}

/// Puts `given` under `name`, unless a later one is there.
fn give<T>(all: &mut BTreeMap<String, Given<T>>, name: String, given: Given<T>) {
    if all.get(&name).is_none_or(|earlier| earlier.at <= given.at) {
        all.insert(name, given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: &str, value: &str, at: i64) -> Annotation {
        let content = Content::Property(value.to_owned());
        Annotation::new(name, content, Timestamp::from_unix_micros(at)).unwrap()
    }

    #[test]
    fn the_later_one_of_a_name_stays_whatever_comes_first() {
        let (early, late) = (property("env", "early", 1), property("env", "late", 2));
        for order in [[&early, &late], [&late, &early]] {
            let all = Annotations::default().with(&order.map(Clone::clone)).unwrap();
            assert_eq!(all.iter().collect::<Vec<_>>(), std::slice::from_ref(&late));
        }
        let tie = Annotations::default().with(&[late, property("env", "tie", 2)]).unwrap();
        assert_eq!(tie.properties.get("env").map(|given| given.value.as_str()), Some("tie"));
    }

    #[test]
    fn a_call_has_so_many_annotations_and_no_more() {
        let many: Vec<_> = (0..MAX_ANNOTATIONS).map(|number| property(&number.to_string(), "", 1)).collect();
        let full = Annotations::default().with(&many).unwrap();
        assert_eq!(full.with(&[property("new", "", 2)]), None);
        assert!(full.with(&[property("7", "changed", 2)]).is_some());
    }

    #[test]
    fn names_and_values_are_bounded() {
        let check = |name: &str, content: Content, expected: Option<InvalidAnnotation>| {
            let made = Annotation::new(name, content, Timestamp::from_unix_micros(0));
            assert_eq!(made.err(), expected, "{} characters", name.len());
        };
        let text = |length: usize| Content::Property("v".repeat(length));
        check("n", text(MAX_VALUE_BYTES), None);
        check("n", text(MAX_VALUE_BYTES + 1), Some(InvalidAnnotation::Value));
        check("", text(1), Some(InvalidAnnotation::Name));
        check(&"é".repeat(MAX_NAME_CHARACTERS), text(1), None);
        check(&"é".repeat(MAX_NAME_CHARACTERS + 1), text(1), Some(InvalidAnnotation::Name));
        let categorical = |length: usize| Content::Feedback(FeedbackValue::Categorical("v".repeat(length)));
        check("n", categorical(MAX_VALUE_BYTES + 1), Some(InvalidAnnotation::Value));
        check(RATING, categorical(1), Some(InvalidAnnotation::Rating));
        check(RATING, Content::Feedback(FeedbackValue::Numerical(1.0)), Some(InvalidAnnotation::Rating));
        check(RATING, Content::Feedback(FeedbackValue::Boolean(false)), None);
        check(RATING, text(1), None);
    }
}
