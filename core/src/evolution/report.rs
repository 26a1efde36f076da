//! The report of a refused upgrade: the stored types, the types in the code, why they clash, and
//! the line that would fix it.

use core::fmt;

use super::Rule;

/// A difference between a stored type and the type in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of the problem.
    pub rule: Rule,
    /// The path from the root to the field, outermost first.
    pub path: Vec<String>,
    /// The root's declaration, as in `users: BTreeMap<Principal, User>`.
    pub root: String,
    /// The stored type and the type in the code.
    pub what: String,
    /// The reason why they clash.
    pub because: String,
    /// The code to write.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.root)?;
        if self.path.len() > 1 {
            writeln!(f, "    at {}", self.path.join(" → "))?;
        }
        writeln!(f, "    {}", self.what)?;
        if !self.because.is_empty() {
            writeln!(f, "    because {}", self.because)?;
        }
        write!(f, "    fix: {} [{}]", self.fix, self.rule.name())
    }
}

/// All problems of one attempt to open a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The problems, in the order of the roots.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let plural = if count == 1 { "" } else { "s" };
        writeln!(f, "the upgrade was refused, nothing was changed ({count} problem{plural})")?;
        for problem in &self.problems {
            write!(f, "\n{problem}\n")?;
        }
        Ok(())
    }
}
