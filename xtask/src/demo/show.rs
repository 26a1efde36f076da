//! How the story looks: headings, rows with aligned numbers, a progress bar.
//!
//! It goes to the standard output; what is built and fetched before is told on the standard error. Colours
//! disappear by themselves where the output is no terminal, or NO_COLOR is set.

use std::fmt::Display;

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

const LABEL: usize = 38;
const VALUE: usize = 14;

/// Announces the next chapter.
pub fn headline(text: &str) {
    println!("\n{} {}", style("==>").cyan().bold(), style(text).bold());
}

/// A line of prose.
pub fn text(text: &str) {
    println!("    {text}");
}

/// Lines that somebody else wrote.
pub fn quote(text: &str) {
    for line in text.trim_end().lines() {
        println!("    {} {line}", style("│").yellow());
    }
}

/// The names of the columns below.
pub fn columns(label: &str, columns: &[&str]) {
    let columns: String = columns.iter().map(|column| format!("{column:>VALUE$}")).collect();
    println!("\n    {}", style(format!("{label:LABEL$}{columns}")).dim());
}

/// Values in columns.
pub fn row(label: &str, values: &[&dyn Display]) {
    let values: String = values.iter().map(|value| format!("{:>VALUE$}", value.to_string())).collect();
    println!("    {label:LABEL$}{}", style(values).cyan());
}

/// A value with a word on it.
pub fn noted(label: &str, value: &dyn Display, note: &str) {
    let gap = if note.is_empty() { "" } else { "  " };
    println!("    {label:LABEL$}{}{gap}{note}", style(format!("{:>VALUE$}", value.to_string())).cyan());
}

/// A whole number with separators, as in `144,563`.
pub fn number(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut shown = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Shows how far a load is: as a bar on a terminal, else as four lines.
pub struct Loading {
    bar: ProgressBar,
    total: u64,
    quarters: u64,
}

impl Loading {
    /// Nothing of `total` is there yet.
    pub fn new(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let template = "    {bar:40.cyan/dim} {human_pos} of {human_len} places, {per_sec:.0}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar()));
        Self { bar, total, quarters: 0 }
    }

    /// So many are there now.
    pub fn done(&mut self, count: u64) {
        self.bar.set_position(count);
        let quarters = 4 * count / self.total;
        if self.bar.is_hidden() && quarters > self.quarters {
            text(&format!("{:>9} of {} places", number(count), number(self.total)));
        }
        self.quarters = quarters;
        if count == self.total {
            self.bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators() {
        let shown = [0u64, 999, 1_000, 144_563, 1_000_000].map(number);
        assert_eq!(shown, ["0", "999", "1,000", "144,563", "1,000,000"]);
    }
}
