//! Proofs, shown as they are checked.

use anyhow::Result;
use console::style;

/// The proofs so far.
#[derive(Default)]
pub struct Proofs {
    passed: usize,
    failed: Vec<String>,
}

impl Proofs {
    /// Records and shows whether a statement holds.
    pub fn check(&mut self, what: &str, holds: bool) {
        if holds {
            println!("    {} {what}", style("✓").green().bold());
            self.passed += 1;
        } else {
            println!("    {} {}", style("✗").red().bold(), style(what).red());
            self.failed.push(what.to_owned());
        }
    }

    /// Records and shows whether a result is good, with the error if it is not.
    pub fn check_result<T>(&mut self, what: &str, result: Result<T>) {
        self.check(what, result.is_ok());
        if let Err(error) = result {
            println!("      {error:#}");
        }
    }

    /// Prints the number of proofs and repeats those that failed. Returns `true` if none did.
    pub fn summary(&self) -> bool {
        for failed in &self.failed {
            println!("    {} {}", style("✗").red().bold(), style(failed).red());
        }
        let all = self.passed + self.failed.len();
        if self.failed.is_empty() {
            println!("    {} all {all} proofs hold", style("✓").green().bold());
        } else {
            println!("    {} {} of {all} proofs failed", style("✗").red().bold(), self.failed.len());
        }
        self.failed.is_empty()
    }
}
