//! The story's looks: headings, rows with aligned numbers, a progress bar.
//!
//! The story goes to the standard output. Messages about building and fetching go to the standard
//! error. Colours appear only on a terminal, and not if `NO_COLOR` is set.

use std::fmt::Display;

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

const LABEL: usize = 38;
const VALUE: usize = 14;

/// Announces the next chapter.
pub fn headline(text: &str) {
    println!("\n{} {}", style("==>").cyan().bold(), style(text).bold());
}

/// Prints a line of prose.
pub fn text(text: &str) {
    println!("    {text}");
}

/// Prints the lines of somebody else's text.
pub fn quote(text: &str) {
    for line in text.trim_end().lines() {
        println!("    {} {line}", style("│").yellow());
    }
}

/// Prints the names of columns.
pub fn columns(label: &str, columns: &[&str]) {
    let columns: String = columns.iter().map(|column| format!("{column:>VALUE$}")).collect();
    println!("\n    {}", style(format!("{label:LABEL$}{columns}")).dim());
}

/// Prints values in columns.
pub fn row(label: &str, values: &[&dyn Display]) {
    let values: String = values.iter().map(|value| format!("{:>VALUE$}", value.to_string())).collect();
    println!("    {label:LABEL$}{}", style(values).cyan());
}

/// Prints a value with a remark.
pub fn noted(label: &str, value: &dyn Display, note: &str) {
    let gap = if note.is_empty() { "" } else { "  " };
    println!("    {label:LABEL$}{}{gap}{note}", style(format!("{:>VALUE$}", value.to_string())).cyan());
}

/// Returns a whole number with separators, as in `144,563`.
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

/// The progress of a load: a bar on a terminal, four lines elsewhere.
pub struct Loading {
    bar: ProgressBar,
    total: u64,
    quarters: u64,
}

impl Loading {
    /// Starts a load of `total` places.
    pub fn new(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let template = "    {bar:40.cyan/dim} {human_pos} of {human_len} places, {per_sec:.0}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar()));
        Self { bar, total, quarters: 0 }
    }

    /// Shows that `count` places are loaded.
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
