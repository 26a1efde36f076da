//! The calls in a script: `query METHOD CANDID` or `update METHOD CANDID`, one a line. Lines that
//! are empty or begin with `#` are not calls.

use std::path::Path;

use super::candid::Interface;
use super::read_text;
use crate::failure::Failure;

/// A call.
pub(super) struct Line {
    /// The number of the line, from 1.
    pub(super) number: usize,
    /// The line itself.
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) method: String,
    /// The arguments, encoded.
    pub(super) arg: Vec<u8>,
}

/// The kind of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Query,
    Update,
}

/// Reads a script. All calls are encoded before the first one is made.
pub(super) fn read(path: &Path, interface: &Interface) -> Result<Vec<Line>, Failure> {
    let text = read_text(path)?;
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let calls = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let failed = |number: usize, why: String| Failure::Script(path.to_owned(), number, why);
    calls.map(|(number, line)| parse(number, line, interface).map_err(|why| failed(number, why))).collect()
}

fn parse(number: usize, line: &str, interface: &Interface) -> Result<Line, String> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let kind = match word {
        "query" => Kind::Query,
        "update" => Kind::Update,
        _ => return Err("a line is `query METHOD CANDID` or `update METHOD CANDID`".to_owned()),
    };
    let rest = rest.trim_start();
    let end =
        rest.find(|character: char| character.is_whitespace() || character == '(').unwrap_or(rest.len());
    let (method, arguments) = rest.split_at(end);
    if method.is_empty() {
        return Err(format!("`{word}` without a method"));
    }
    let arguments = if arguments.trim().is_empty() { "()" } else { arguments };
    let arg = interface.arguments(method, arguments)?;
    Ok(Line { number, text: line.to_owned(), kind, method: method.to_owned(), arg })
}
