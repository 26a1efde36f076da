//! Reasons why a canister gave no answer, or none that is of use.

use std::fmt;

/// The reason why a canister gave no answer, or none that is of use. Its text is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanisterError {
    /// The canister worked while its memory was read, so later parts do not fit the first.
    Changed,
    /// The network gave no answer.
    Unreachable(String),
    /// The canister refuses, with this reason: the caller may not explore it.
    Refused(String),
    /// Another reason.
    Other(String),
}

impl CanisterError {
    /// Returns an error of another reason in one line.
    #[must_use]
    pub fn other(why: &str) -> Self {
        CanisterError::Other(one_line(why))
    }
}

impl fmt::Display for CanisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CanisterError::Changed => f.write_str(
                "the canister worked while its memory was read: try again, or take a snapshot of it",
            ),
            CanisterError::Refused(why) => write!(f, "the canister refuses: {why}"),
            CanisterError::Unreachable(why) | CanisterError::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for CanisterError {}

/// Returns a text in one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
