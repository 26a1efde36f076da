//! The versions of a type: the ranges between them, and the contradictions between attributes.
//! `forms` and `order` derive the fields of each version from them.

use syn::{Ident, LitInt};

use crate::errors::Errors;
use crate::parsing::Number;

/// The versions from `since` up to, but not including, `until`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct VersionRange {
    pub(crate) since: u32,
    /// `None` if the range includes the current version.
    pub(crate) until: Option<u32>,
}

impl VersionRange {
    pub(crate) fn always() -> VersionRange {
        VersionRange { since: 1, until: None }
    }

    pub(crate) fn contains(self, version: u32) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }

    pub(crate) fn overlaps(self, other: VersionRange) -> bool {
        self.contains(other.since) || other.contains(self.since)
    }

    /// Returns the versions in both ranges, if there are any.
    pub(crate) fn and(self, other: VersionRange) -> Option<VersionRange> {
        let since = self.since.max(other.since);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Some(VersionRange { since, until }).filter(|span| until.is_none_or(|until| span.since < until))
    }
}

/// The versions of a type, and those that its attributes mention.
pub(crate) struct VersionTracker {
    /// The version, or `None` if it is missing. Keys have no version.
    pub(crate) version: Option<u32>,
    pub(crate) oldest: u32,
    /// `true` if a `previous` type reads the first versions, up to one that only the compiler
    /// knows.
    pub(crate) inherits: bool,
    /// The versions, and their literals, which errors point at.
    pub(crate) mentioned: Vec<(u32, LitInt)>,
}

impl Default for VersionTracker {
    fn default() -> Self {
        VersionTracker { version: None, oldest: 1, inherits: false, mentioned: Vec::new() }
    }
}

impl VersionTracker {
    /// Checks the version of an addition and returns it.
    pub(crate) fn since(&mut self, since: &Number<u32>, owner: &Ident, errors: &mut Errors) -> u32 {
        let Number { value, literal } = since;
        let value = *value;
        if value < 2 {
            let message =
                "what has been there from version 1 on needs no `since`; later additions begin at 2";
            errors.at(literal, message);
        } else if value <= self.oldest {
            errors.at(literal, self.forgotten());
        } else if let Some(version) = self.version
            && value > version
        {
            let message = format_args!(
                "`{owner}` has version {version}, so nothing is there since {value}: make it `version = {value}`"
            );
            errors.at(literal, message);
        }
        self.mentioned.push((value, literal.clone()));
        value
    }

    /// Checks the version in which something ended. Returns it if it is valid.
    pub(crate) fn until(&mut self, until: &Number<u32>, owner: &Ident, errors: &mut Errors) -> Option<u32> {
        let Number { value, literal } = until;
        let value = *value;
        self.mentioned.push((value, literal.clone()));
        if value < 2 {
            errors.at(literal, "version 1 is the first, so nothing was before it: `until` begins at 2");
        } else if value <= self.oldest {
            errors.at(literal, self.forgotten());
        } else if let Some(version) = self.version
            && value > version
        {
            let message = format_args!(
                "`{owner}` has version {version}, so nothing ended in {value}: make it `version = {value}`"
            );
            errors.at(literal, message);
        } else {
            return Some(value);
        }
        None
    }

    fn forgotten(&self) -> String {
        format!("versions before {} are no longer read (`oldest`): leave this out", self.oldest)
    }

    /// Returns the versions of something that was removed.
    pub(crate) fn life(
        &mut self,
        since: Option<&Number<u32>>,
        until: &Number<u32>,
        owner: &Ident,
        errors: &mut Errors,
    ) -> Option<VersionRange> {
        let since = match since {
            Some(since) => self.since(since, owner, errors),
            None => 1,
        };
        let end = self.until(until, owner, errors)?;
        if since >= end {
            errors.at(&until.literal, format_args!("what is there since {since} cannot end in {end}"));
            return None;
        }
        Some(VersionRange { since, until: Some(end) })
    }

    /// Sorts the mentioned versions.
    pub(crate) fn settle(&mut self) {
        self.mentioned.sort_by_key(|(version, _)| *version);
    }
}

/// Returns the first version from `first` to `last` that is not among `mentioned`, which are
/// sorted.
pub(crate) fn first_gap(mentioned: &[(u32, LitInt)], first: u32, last: u32) -> Option<u32> {
    let mut next = first;
    for (version, _) in mentioned.iter().filter(|(version, _)| *version >= first) {
        if *version > next {
            break;
        }
        next = version.saturating_add(1);
    }
    Some(next).filter(|next| *next <= last)
}
