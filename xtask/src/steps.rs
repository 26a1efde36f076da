//! A list of steps that all run, each announced and timed, with a summary at the end.

use std::time::{Duration, Instant};

use anyhow::Result;
use console::style;

use crate::say;

/// The end of a step that did not fail.
pub enum End {
    /// The step passed.
    Passed,
    /// The step cannot run here, for this reason.
    Skipped(String),
}

enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

struct Step {
    name: String,
    outcome: Outcome,
    time: Duration,
}

/// The steps done so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<Step>,
}

impl Steps {
    /// Runs a step. Returns `true` if it passed, so that later steps can depend on it.
    pub fn run(&mut self, name: &str, work: impl FnOnce() -> Result<End>) -> bool {
        say::headline(name);
        let started = Instant::now();
        let outcome = match work() {
            Ok(End::Passed) => Outcome::Passed,
            Ok(End::Skipped(reason)) => Outcome::Skipped(reason),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        match &outcome {
            Outcome::Passed => {}
            Outcome::Skipped(reason) => say::note(&format!("skipped: {reason}")),
            Outcome::Failed(error) => say::note(&format!("failed: {error}")),
        }
        let usable = matches!(outcome, Outcome::Passed);
        self.done.push(Step { name: name.into(), outcome, time: started.elapsed() });
        usable
    }

    /// Records a step that is left out on purpose.
    pub fn skip(&mut self, name: &str, reason: &str) {
        let outcome = Outcome::Skipped(reason.into());
        self.done.push(Step { name: name.into(), outcome, time: Duration::ZERO });
    }

    /// Returns `true` if no step failed.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        !self.done.iter().any(|step| matches!(step.outcome, Outcome::Failed(_)))
    }

    /// Prints one line for each step.
    pub fn summary(&self) {
        say::headline("Summary");
        let width = self.done.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        for step in &self.done {
            let (word, reason) = match &step.outcome {
                Outcome::Passed => (style("passed ").for_stderr().green(), ""),
                Outcome::Skipped(reason) => (style("skipped").for_stderr().yellow(), reason.as_str()),
                Outcome::Failed(_) => (style("FAILED ").for_stderr().red().bold(), ""),
            };
            let line = format!("{word}  {:width$}  {:>12}  {reason}", step.name, say::duration(step.time));
            say::note(line.trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_others_but_fails_the_whole() {
        let mut steps = Steps::default();
        assert!(!steps.run("first", || Err(anyhow!("broken"))));
        assert!(steps.run("second", || Ok(End::Passed)));
        assert!(!steps.all_passed());
        assert_eq!(steps.done.len(), 2);
    }

    #[test]
    fn a_skipped_step_does_not_fail_the_whole() {
        let mut steps = Steps::default();
        assert!(!steps.run("first", || Ok(End::Skipped("not installed".into()))));
        steps.skip("second", "quick");
        assert!(steps.all_passed());
    }
}
