//! Names of roots that a release dropped or renamed. Where that release was skipped, a later root
//! of that name would get the old entries.

use core::fmt;

/// A name that roots may no longer have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetiredName {
    /// The name, as [`quoted`] writes it.
    pub(super) name: String,
    /// The name that the root got, or `None` if it was dropped.
    pub(super) renamed_to: Option<String>,
}

/// Returns a name as the lock writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("{name:?}")
}

impl RetiredName {
    /// Parses a line such as `root "log" dropped` or `root "users" renamed "members"`.
    pub(super) fn parse(line: &str) -> Option<RetiredName> {
        let rest = line.strip_prefix("root ").filter(|rest| rest.starts_with('"'))?;
        if let Some(name) = rest.strip_suffix(" dropped").filter(|name| is_quoted(name)) {
            return Some(RetiredName { name: name.to_owned(), renamed_to: None });
        }
        let (name, new) = rest.split_once("\" renamed \"")?;
        let (name, new) = (format!("{name}\""), format!("\"{new}"));
        (is_quoted(&name) && is_quoted(&new)).then_some(RetiredName { name, renamed_to: Some(new) })
    }

    pub(super) fn fate(&self) -> String {
        match &self.renamed_to {
            None => "was dropped".to_owned(),
            Some(new) => format!("was renamed to {new}"),
        }
    }
}

fn is_quoted(text: &str) -> bool {
    text.len() >= 3 && text.starts_with('"') && text.ends_with('"')
}

impl fmt::Display for RetiredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.renamed_to {
            None => writeln!(f, "root {} dropped", self.name),
            Some(new) => writeln!(f, "root {} renamed {new}", self.name),
        }
    }
}
