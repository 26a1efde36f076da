//! What has to hold, shown as it is checked.

use anyhow::Result;
use console::style;

/// What was checked so far.
#[derive(Default)]
pub struct Proofs {
    passed: usize,
    failed: Vec<String>,
}

impl Proofs {
    /// Shows whether something holds.
    pub fn check(&mut self, what: &str, holds: bool) {
        if holds {
            println!("    {} {what}", style("✓").green().bold());
            self.passed += 1;
        } else {
            println!("    {} {}", style("✗").red().bold(), style(what).red());
            self.failed.push(what.to_owned());
        }
    }

    /// Like [`check`](Self::check), with the reason if it does not.
    pub fn check_result<T>(&mut self, what: &str, result: Result<T>) {
        self.check(what, result.is_ok());
        if let Err(error) = result {
            println!("      {error:#}");
        }
    }

    /// Says how many proofs there were, and repeats those that failed; tells whether none did.
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
