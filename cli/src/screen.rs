//! Output on a terminal or into a pipe: one look for all commands.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::failure::Failure;

/// The style of headings.
pub(crate) const HEADING: Style = Style::new().bold();

/// The style of what is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();

/// The style of damage and of differences.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// Prints a text. Styles are left out where it is not a terminal that reads it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    ended(anstream::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

/// Calls `write` with a buffered standard output.
pub(crate) fn write(write: impl FnOnce(&mut dyn Write) -> Result<(), Interrupted>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out) {
        Ok(()) => ended(out.flush()),
        Err(Interrupted::Failed(failure)) => {
            // What was read before the failure is shown.
            ended(out.flush())?;
            Err(failure)
        }
        Err(Interrupted::Output(error)) => ended(Err(error)),
    }
}

/// The reason why an output ended early.
pub(crate) enum Interrupted {
    Output(io::Error),
    Failed(Failure),
}

impl From<io::Error> for Interrupted {
    fn from(error: io::Error) -> Self {
        Interrupted::Output(error)
    }
}

impl From<serde_json::Error> for Interrupted {
    fn from(error: serde_json::Error) -> Self {
        Interrupted::Output(error.into())
    }
}

impl From<Failure> for Interrupted {
    fn from(failure: Failure) -> Self {
        Interrupted::Failed(failure)
    }
}

/// Takes a reader that has seen enough for success.
fn ended(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Print),
    }
}

/// Returns rows as a table. The columns in `right` are aligned at their ends. The first row is the
/// heading.
pub(crate) fn table(heading: &[&str], rows: Vec<Vec<String>>, right: &[usize]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heading).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        if right.contains(&column.index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.trim_fmt();
    match text.split_once('\n') {
        Some((first, rest)) => format!("{HEADING}{first}{HEADING:#}\n{rest}\n"),
        None => format!("{HEADING}{text}{HEADING:#}\n"),
    }
}

/// Returns `true` if a progress bar can be seen.
pub(crate) fn shows_progress() -> bool {
    io::stderr().is_terminal()
}

/// Returns a number with commas between groups of three digits.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of bytes in the largest unit in which it is at least 1.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64 / 1024.0;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        (size, unit) = (size / 1024.0, unit + 1);
    }
    format!("{size:.1} {}", units[unit])
}

/// Returns a number with the word for one or for many.
pub(crate) fn count(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// Returns a text in one line, without characters that would move a terminal's cursor. Names in an
/// image may have any.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = (!character.is_control()).then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}
