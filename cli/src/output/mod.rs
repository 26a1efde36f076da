//! The answer and its three forms.

mod github;
mod json;
mod text;
mod way_back;
#[cfg(any(feature = "explore", feature = "rehearse"))]
mod words;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use graven_core::evolution::{Problem, UnusedVersion};
use graven_core::store::InspectedRoot;
use serde::Serialize;

use crate::arguments::Format;
pub(crate) use way_back::WayBack;
#[cfg(feature = "rehearse")]
pub(crate) use words::grouped;
#[cfg(any(feature = "explore", feature = "rehearse"))]
pub(crate) use words::{counted, printable};

/// The subject of a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Subject {
    Upgrade,
    Image,
    Lock,
    Locking,
}

/// The outcome of a check.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) subject: Subject,
    /// The file that would have to change.
    pub(crate) file: PathBuf,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    /// `true` if warnings refuse the code.
    pub(crate) strict: bool,
    pub(crate) migrating: Vec<String>,
    pub(crate) new: Vec<String>,
    /// The way back from the new code to the old one.
    pub(crate) way_back: Option<WayBack>,
    /// Roots of which a later release has layouts without records.
    pub(crate) taken_back: Vec<String>,
    pub(crate) roots: Vec<Root>,
    pub(crate) unused: Vec<Unused>,
    /// The versions and names that were added to the lock.
    pub(crate) added: Vec<String>,
    /// `true` if the code has no vector instructions.
    pub(crate) is_scalar: bool,
}

/// A problem under a condition that the check cannot know.
#[derive(Debug)]
pub(crate) struct Warning {
    pub(crate) what: String,
    pub(crate) problem: Problem,
}

/// A root of an image.
#[derive(Debug, Serialize)]
pub(crate) struct Root {
    pub(crate) name: String,
    pub(crate) declaration: String,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) pages: u32,
    pub(crate) layouts: Vec<Layout>,
}

/// A layout of a root's values.
#[derive(Debug, Serialize)]
pub(crate) struct Layout {
    #[serde(rename = "type")]
    pub(crate) name: String,
    pub(crate) version: Option<u32>,
    pub(crate) fingerprint: String,
    pub(crate) pages: u32,
    pub(crate) current: bool,
}

/// A version that no page holds.
#[derive(Debug, Serialize)]
pub(crate) struct Unused {
    #[serde(rename = "type")]
    pub(crate) name: String,
    pub(crate) version: u32,
    /// `true` if its history may be deleted from the code.
    pub(crate) deletable: bool,
}

impl Root {
    pub(crate) fn of(root: &InspectedRoot) -> Root {
        let layouts = root.layouts.iter().map(|layout| Layout {
            name: layout.layout.to_string(),
            version: layout.layout.version(),
            fingerprint: format!("{:#}", layout.layout.fingerprint()),
            pages: layout.pages,
            current: layout.current,
        });
        Root {
            name: root.name.clone(),
            declaration: root.declaration(),
            entries: root.entries,
            bytes: root.bytes,
            pages: root.pages,
            layouts: layouts.collect(),
        }
    }
}

impl Unused {
    pub(crate) fn of(unused: &UnusedVersion) -> Unused {
        Unused { name: unused.name.clone(), version: unused.version, deletable: !unused.needed }
    }

    pub(crate) fn sentence(&self) -> String {
        let subject = match self.version {
            0 => format!("no page holds values from before {} had versions", self.name),
            version => format!("no page holds {} v{version}", self.name),
        };
        let deletable = if self.deletable {
            "its history may be deleted"
        } else {
            "its history stays while older versions are there"
        };
        format!("{subject}: {deletable}")
    }
}

impl Outcome {
    pub(crate) fn new(subject: Subject, file: &Path) -> Outcome {
        Outcome {
            subject,
            file: file.to_owned(),
            problems: Vec::new(),
            warnings: Vec::new(),
            strict: false,
            migrating: Vec::new(),
            new: Vec::new(),
            way_back: None,
            taken_back: Vec::new(),
            roots: Vec::new(),
            unused: Vec::new(),
            added: Vec::new(),
            is_scalar: false,
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        !self.problems.is_empty() || (self.strict && !self.warnings.is_empty())
    }

    /// Returns a sentence about the flags with which the code was built, if there is one to say.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.is_scalar.then_some(
            "this wasm has no vector instructions, with which maps take up to a third fewer instructions: add \
             `rustflags = [\"-C\", \"target-feature=+simd128\"]` to `[target.wasm32-unknown-unknown]` in \
             .cargo/config.toml",
        )
    }

    /// Returns sentences about earlier and later releases, or none if the code is refused.
    pub(crate) fn releases(&self) -> Vec<String> {
        if self.is_refused() {
            return Vec::new();
        }
        let mut sentences = self.way_back.as_ref().map(WayBack::sentences).unwrap_or_default();
        if !self.taken_back.is_empty() {
            let roots = self.taken_back.join(", ");
            sentences.push(format!("the way back is open: no record is in the later layouts of {roots}"));
        }
        sentences
    }

    /// Returns the answer in one line.
    pub(crate) fn summary(&self) -> String {
        let list = |names: &[String]| names.join(", ");
        match self.subject {
            _ if self.is_refused() => "refused".to_owned(),
            Subject::Lock => "safe: the code keeps to graven.lock".to_owned(),
            Subject::Locking if self.added.is_empty() => "graven.lock is complete".to_owned(),
            Subject::Locking => format!("added to graven.lock: {}", list(&self.added)),
            _ if self.migrating.is_empty() => "safe, nothing to migrate".to_owned(),
            _ => format!("safe: lazy migration of these roots: {}", list(&self.migrating)),
        }
    }

    pub(crate) fn print(&self, format: Format) -> io::Result<()> {
        let text = match format {
            Format::Text => text::write(self),
            Format::Json => json::write(self),
            Format::Github => github::write(self),
        };
        print(&text)
    }
}

/// Writes a text to the standard output.
pub(crate) fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}
