//! Conditions on the fields of a row.

use core::cmp::Ordering;

use super::{AskError, Value};

/// A condition on the fields of a row.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Serialize, serde::Deserialize))]
pub enum Filter {
    /// All of these.
    All(Vec<Filter>),
    /// At least one of these.
    Any(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
    /// A field compared with a value.
    Field {
        /// The name of the field; those of fields of fields are joined by dots.
        name: String,
        /// The comparison.
        is: Comparison,
        /// The value.
        value: Value,
    },
}

/// A comparison of a field with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Serialize, serde::Deserialize))]
pub enum Comparison {
    /// Is equal to the value.
    Equal,
    /// Is less.
    Less,
    /// Is greater.
    Greater,
    /// Is at most the value.
    AtMost,
    /// Is at least the value.
    AtLeast,
    /// Begins with this text, or with these bytes.
    Prefix,
    /// Has this element, or this part of a text.
    Contains,
}

/// The depth of a filter, at most.
const DEPTH: u32 = 16;

impl Filter {
    /// Checks that all fields exist and that the filter is not too deep.
    ///
    /// # Errors
    /// [`AskError::UnknownField`] or [`AskError::TooDeep`].
    pub fn check(&self, exists: &dyn Fn(&str) -> bool) -> Result<(), AskError> {
        self.check_level(exists, DEPTH)
    }

    fn check_level(&self, exists: &dyn Fn(&str) -> bool, left: u32) -> Result<(), AskError> {
        let left = left.checked_sub(1).ok_or(AskError::TooDeep)?;
        match self {
            Filter::All(parts) | Filter::Any(parts) => {
                parts.iter().try_for_each(|part| part.check_level(exists, left))
            }
            Filter::Not(part) => part.check_level(exists, left),
            Filter::Field { name, .. } if exists(name) => Ok(()),
            Filter::Field { name, .. } => Err(AskError::UnknownField(name.clone())),
        }
    }

    /// Returns `true` if a row meets the condition. A field that another variant has does not.
    #[must_use]
    pub fn holds(&self, row: &Value) -> bool {
        self.holds_for(&|name| row.at(name))
    }

    /// Returns `true` if the values that `find` returns for the names of fields meet the condition.
    #[must_use]
    pub fn holds_for<'a>(&self, find: &dyn Fn(&str) -> Option<&'a Value>) -> bool {
        match self {
            Filter::All(parts) => parts.iter().all(|part| part.holds_for(find)),
            Filter::Any(parts) => parts.iter().any(|part| part.holds_for(find)),
            Filter::Not(part) => !part.holds_for(find),
            Filter::Field { name, is, value } => find(name).is_some_and(|found| is.holds(found, value)),
        }
    }

    /// Returns the comparisons that every row meets.
    #[must_use]
    pub fn always(&self) -> Vec<(&str, Comparison, &Value)> {
        match self {
            Filter::Field { name, is, value } => vec![(name, *is, value)],
            Filter::All(parts) => parts.iter().flat_map(Filter::always).collect(),
            Filter::Any(_) | Filter::Not(_) => Vec::new(),
        }
    }
}

impl Comparison {
    /// Returns `true` if a field compares so with a value. Values of different kinds are not equal,
    /// and none of them is less.
    fn holds(self, field: &Value, value: &Value) -> bool {
        let order = field.compare(value);
        match self {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Comparison::Prefix => match (field, value) {
                (Value::Text(field), Value::Text(value)) => field.starts_with(value.as_str()),
                (Value::Blob(field), Value::Blob(value)) => field.starts_with(value),
                _ => false,
            },
            Comparison::Contains => match (field, value) {
                (Value::Text(field), Value::Text(value)) => field.contains(value.as_str()),
                (Value::List(field), value) => {
                    field.iter().any(|element| element.compare(value) == Some(Ordering::Equal))
                }
                _ => false,
            },
        }
    }
}
