//! Questions by tools: rows of a table by names and values that come in a message.
//!
//! ```text
//! Request, Answer    the question and the answer, as candid or JSON carry them (this file)
//! Filter             a condition on the fields of a row (filter)
//! Value              a value of any layout, without its type (value, encode), as a key and back (key, read)
//! ```
//! Tables answer them. The types of the program's code are not needed to ask.

mod encode;
mod filter;
mod key;
mod read;
mod value;

pub use filter::{Comparison, Filter};
pub use key::{orders_as_values, write_key};
pub use read::{read_key, read_key_part};
pub use value::Value;

/// A question for the rows of a table.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "candid",
    derive(candid::CandidType, serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct Request {
    /// The name of the table.
    pub table: String,
    /// The condition that rows meet. `None` for all rows.
    pub filter: Option<Filter>,
    /// The index in whose order rows come. `None` for the order of their keys. A condition on its
    /// first field, and on no alternative of others, narrows what is read.
    pub order: Option<String>,
    /// `true` for the greatest first.
    pub descending: bool,
    /// The position after which to continue: that of an earlier answer to the same request.
    pub after: Option<Vec<u8>>,
    /// The number of rows, at most.
    pub limit: u32,
    /// The fields that are asked for. `None` for all.
    pub fields: Option<Vec<String>>,
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Serialize, serde::Deserialize))]
pub struct Answer {
    /// The rows, each as the names and values of its fields.
    pub rows: Vec<Vec<(String, Value)>>,
    /// The position from which another request continues. `None` if there are no more rows.
    pub next: Option<Vec<u8>>,
    /// The number of rows that were read.
    pub read: u64,
}

/// The reason why a request has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The store has no such table.
    #[error("there is no table `{0}`")]
    UnknownTable(String),
    /// The table has no such index.
    #[error("there is no index `{0}`")]
    UnknownIndex(String),
    /// The rows have no such field.
    #[error("the rows have no field `{0}`")]
    UnknownField(String),
    /// A filter within more than 16 others.
    #[error("a filter has at most 16 levels")]
    TooDeep,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] crate::Error),
}
