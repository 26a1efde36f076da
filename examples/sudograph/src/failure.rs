//! Errors with a code, by which programs tell them apart.

use async_graphql::{Error, ErrorExtensions};
use graven::error::{Broken, Violation};

/// The `code` of an error.
pub enum Code {
    BadCursor,
    BadRequest,
    NoIndex,
    NotFound,
    Storage,
    KeyTaken,
    KeyChanged,
    NotUnique,
    NoReferredRow,
    Referred,
    TooManyRows,
    Rule,
}

impl Code {
    pub const fn text(&self) -> &'static str {
        match self {
            Code::BadCursor => "BAD_CURSOR",
            Code::BadRequest => "BAD_REQUEST",
            Code::NoIndex => "NO_INDEX",
            Code::NotFound => "NOT_FOUND",
            Code::Storage => "STORAGE",
            Code::KeyTaken => "KEY_TAKEN",
            Code::KeyChanged => "KEY_CHANGED",
            Code::NotUnique => "NOT_UNIQUE",
            Code::NoReferredRow => "NO_REFERRED_ROW",
            Code::Referred => "REFERRED",
            Code::TooManyRows => "TOO_MANY_ROWS",
            Code::Rule => "RULE",
        }
    }
}

/// Returns an error with a code.
pub fn failed(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.text()))
}

/// Returns the error for a row that does not exist.
pub fn missing(what: &str, id: u64) -> Error {
    failed(Code::NotFound, format!("there is no {what} {id}"))
}

/// Returns the error for a row that a table does not accept: with the table, the index of the rule
/// that is broken, and the key of the row that is in the way. If a row refers to another one, the
/// index is that of the reference, and `key` the row that is missing or refers to this one.
pub fn violated(violation: Violation) -> Error {
    let (code, index) = match &violation.rule {
        Broken::Key => (Code::KeyTaken, None),
        Broken::KeyChanged => (Code::KeyChanged, None),
        Broken::Unique { index } => (Code::NotUnique, Some(index.clone())),
        Broken::Reference { name, .. } => (Code::NoReferredRow, Some(name.clone())),
        Broken::Referred { by, name } => (Code::Referred, Some(format!("{by}.{name}"))),
        Broken::Cascade { .. } => (Code::TooManyRows, None),
        _ => (Code::Rule, None),
    };
    failed(code, violation.to_string()).extend_with(|_, extensions| {
        extensions.set("table", violation.table.clone());
        extensions.set("index", index);
        extensions.set("key", violation.key::<u64>());
    })
}

/// Returns the error for what the store could not do.
pub fn refused(error: graven::Error) -> Error {
    match error {
        graven::Error::Violation(violation) => violated(*violation),
        graven::Error::BadCursor { .. } => failed(Code::BadCursor, error.to_string()),
        error => failed(Code::Storage, error.to_string()),
    }
}
