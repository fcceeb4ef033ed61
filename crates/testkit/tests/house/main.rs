//! The rules of the house: who may use whom, who may reach what, and what every file looks like.
//!
//! The rules are tables, each row with its reason. A rule that fires names the file and says what to do
//! instead; a rule that is wrong is changed here, in a commit that says why.

mod conformance;
mod dependencies;
mod layers;
mod reach;
mod source;
mod tidy;

/// Fails with every violation at once.
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n  {}", violations.len(), violations.join("\n  "));
}
