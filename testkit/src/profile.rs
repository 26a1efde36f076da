//! The instructions of a canister's messages by function, without those of the functions it calls.
//!
//! Functions count in globals that the prepass adds (`wasm::meter`); this file sums them up.

use std::collections::HashMap;
use std::fmt;

/// The line of heap pages that messages changed.
const HEAP_PAGES: &str = "(heap pages changed)";
/// The line of first writes to pages of stable memory.
const STABLE_PAGES: &str = "(stable pages written)";

/// The share of one function: one of the canister's, one of the System API (`ic0.stable64_read`),
/// or dirty pages (in brackets).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileLine {
    /// The name of the function; `function 12` if the module has no names.
    pub name: String,
    /// The number of calls; for pages, their number.
    pub calls: u64,
    /// Its own instructions, without those of the functions that it calls.
    pub instructions: u64,
}

/// Instructions by function, of all messages since the canister was created or [`take_profile`] was
/// called. It contains all their instructions, so [`total`](Profile::total) is what was charged.
///
/// An inlined function counts as part of its caller.
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

    /// Returns the instructions of all lines.
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
    /// Writes a table; `{:.20}` writes the twenty most expensive lines.
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
