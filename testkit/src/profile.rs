//! The instructions of a canister's messages by function: one line for each function, exclusive of
//! what it calls.
//!
//! Functions count in globals that the prepass adds (`wasm::meter`); this file has what they are
//! added up in.

use std::collections::HashMap;
use std::fmt;

/// The line of heap pages that messages left changed.
const HEAP_PAGES: &str = "(heap pages changed)";
/// The line of first writes to pages of stable memory.
const STABLE_PAGES: &str = "(stable pages written)";

/// The cost of one function: one of the canister's, one of the System API (`ic0.stable64_read`), or
/// pages that became dirty (in brackets).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileLine {
    /// The function's name; `function 12` where the module has no names.
    pub name: String,
    /// How often it was called; for pages their number.
    pub calls: u64,
    /// Instructions of its own, without those of the functions that it calls.
    pub instructions: u64,
}

/// Instructions by function, of all messages since the canister was made or [`take_profile`] was
/// called. All instructions of these messages are in it, so that [`total`](Profile::total) is what
/// was charged.
///
/// Functions that the compiler put into others count there.
///
/// [`take_profile`]: crate::Canister::take_profile
#[derive(Clone, Debug, Default)]
pub struct Profile {
    lines: HashMap<String, (u64, u64)>,
}

impl Profile {
    /// Returns all lines that were reached, the most expensive first.
    #[must_use]
    pub fn lines(&self) -> Vec<ProfileLine> {
        let line = |(name, &(calls, instructions)): (&String, &(u64, u64))| ProfileLine {
            name: name.clone(),
            calls,
            instructions,
        };
        let mut lines: Vec<_> = self.lines.iter().map(line).collect();
        lines.sort_by(|a, b| b.instructions.cmp(&a.instructions).then_with(|| a.name.cmp(&b.name)));
        lines
    }

    /// Instructions of all lines.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lines.values().map(|(_, instructions)| instructions).sum()
    }

    pub(crate) fn add(&mut self, name: &str, calls: u64, instructions: u64) {
        if calls > 0 || instructions > 0 {
            let line = self.lines.entry(name.to_owned()).or_default();
            *line = (line.0 + calls, line.1 + instructions);
        }
    }

    pub(crate) fn add_heap_pages(&mut self, pages: u64, instructions: u64) {
        self.add(HEAP_PAGES, pages, instructions);
    }

    pub(crate) fn add_stable_pages(&mut self, pages: u64, instructions: u64) {
        self.add(STABLE_PAGES, pages, instructions);
    }
}

impl fmt::Display for Profile {
    /// Returns a table; `{:.20}` gives the twenty most expensive lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, total) = (self.lines(), self.total());
        let shown = f.precision().unwrap_or(usize::MAX).min(lines.len());
        writeln!(f, "{:>16} {:>6} {:>12}  function", "instructions", "%", "calls")?;
        for line in &lines[..shown] {
            let share = line.instructions as f64 * 100.0 / total.max(1) as f64;
            writeln!(f, "{:>16} {share:>6.1} {:>12}  {}", line.instructions, line.calls, line.name)?;
        }
        if shown < lines.len() {
            let rest: u64 = lines[shown..].iter().map(|line| line.instructions).sum();
            let share = rest as f64 * 100.0 / total.max(1) as f64;
            writeln!(f, "{rest:>16} {share:>6.1} {:>12}  ({} more)", "", lines.len() - shown)?;
        }
        writeln!(f, "{total:>16}  100.0 {:>12}  in all", "")
    }
}
