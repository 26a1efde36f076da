//! The comparison of stored layouts with what the code declares. It collects every problem instead
//! of stopping at the first one. This file visits the types; `records` and `types` have the
//! messages.

use super::report::Problem;
use super::{Conversion, Derived, EnumHistory, FieldHistory, History, Plan, Rule, StructHistory};
use crate::layout::stored::{OwnedField, OwnedLayout};

/// A comparison of stored layouts with the types of the code.
#[derive(Debug, Default)]
pub struct Check {
    root: String,
    name: String,
    /// The problems found so far.
    pub problems: Vec<Problem>,
}

/// A position in the types of a root, as linked steps. It becomes a path only in a problem.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) up: Option<&'a At<'a>>,
    pub(super) step: Step<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// The values of a root.
    Root,
    /// A version of a derived type.
    Version(Version<'a>),
    /// A field: its stored layout, and its form in the code among all forms of the record's fields.
    Field { stored: &'a OwnedLayout, spec: &'static FieldHistory, forms: &'static [FieldHistory] },
    /// A variant. `live` is `true` if the current version still has it.
    Variant { name: &'a str, live: bool },
}

/// The version of a derived type that is being compared.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) name: &'a str,
    pub(super) version: u32,
    pub(super) newest: u32,
    /// The oldest version that the code describes, or 0 if a previous type describes it.
    pub(super) oldest: u32,
    /// `true` if an attribute in the code explains the change of some version.
    pub(super) told: bool,
    pub(super) stored: &'a OwnedLayout,
}

impl<'a> At<'a> {
    pub(super) fn down(&'a self, step: Step<'a>) -> At<'a> {
        At { up: Some(self), step }
    }

    /// Returns the steps from here outwards.
    pub(super) fn outwards(&'a self) -> impl Iterator<Item = &'a Step<'a>> {
        let mut next = Some(self);
        core::iter::from_fn(move || {
            let at = next?;
            next = at.up;
            Some(&at.step)
        })
    }

    /// Returns the innermost derived type.
    pub(super) fn version(&'a self) -> Option<&'a Version<'a>> {
        self.outwards().find_map(|step| match step {
            Step::Version(version) => Some(version),
            _ => None,
        })
    }
}

impl Check {
    /// Sets the root that the next problems belong to, and the text of its declaration.
    pub fn root(&mut self, name: &str, declaration: String) {
        self.name = name.to_owned();
        self.root = declaration;
    }

    /// Adds a problem of the root itself.
    pub fn problem(&mut self, rule: Rule, what: String, because: impl Into<String>, fix: impl Into<String>) {
        let at = At { up: None, step: Step::Root };
        self.problem_at(&at, rule, what, because.into(), fix.into());
    }

    pub(super) fn problem_at(&mut self, at: &At<'_>, rule: Rule, what: String, because: String, fix: String) {
        let steps = at.outwards().map(|step| match step {
            Step::Root => self.name.clone(),
            Step::Version(version) => format!("{} v{}", version.name, version.version),
            Step::Field { spec: FieldHistory { name, .. }, .. } | Step::Variant { name, .. } => {
                (*name).to_owned()
            }
        });
        let mut path: Vec<String> = steps.collect();
        path.reverse();
        let problem = Problem { rule, path, root: self.root.clone(), what, because, fix };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Returns the plan for reading values of a stored layout by a type's history. Reports
    /// everything that does not fit.
    pub fn plan(&mut self, stored: &OwnedLayout, history: &'static History) -> Plan {
        self.walk(stored, history, &At { up: None, step: Step::Root })
    }

    pub(super) fn walk(&mut self, stored: &OwnedLayout, history: &'static History, at: &At<'_>) -> Plan {
        match (history, stored) {
            (History::Plain(layout), _) if stored.is(layout) => Plan::identity(layout.size()),
            (History::Option(inner), OwnedLayout::Option(was)) => self.container(stored, &[(was, inner)], at),
            (History::Vec(inner), OwnedLayout::Vec(was)) => self.container(stored, &[(was, inner)], at),
            (History::Array(inner, len), OwnedLayout::Array(was, stored_len)) if len == stored_len => {
                self.container(stored, &[(was, inner)], at)
            }
            (History::Result(ok, err), OwnedLayout::Result(was_ok, was_err)) => {
                self.container(stored, &[(was_ok, ok), (was_err, err)], at)
            }
            (History::Tuple(parts), OwnedLayout::Tuple(were)) if parts.len() == were.len() => {
                let parts: Vec<_> = were.iter().zip(*parts).map(|(was, part)| (was, *part)).collect();
                self.container(stored, &parts, at)
            }
            (History::Struct(spec), _) => self.structure(stored, history, spec, at),
            (History::Enum(spec), _) => self.enumeration(stored, history, spec, at),
            _ => self.mismatch(stored, history, at),
        }
    }

    fn container(
        &mut self,
        stored: &OwnedLayout,
        parts: &[(&OwnedLayout, &'static History)],
        at: &At<'_>,
    ) -> Plan {
        let plans: Vec<Plan> = parts.iter().map(|(stored, part)| self.walk(stored, part, at)).collect();
        let conversion =
            if plans.iter().all(Plan::is_identity) { Conversion::Identity } else { Conversion::Parts(plans) };
        Plan { size: stored.size(), conversion }
    }

    fn structure(
        &mut self,
        stored: &OwnedLayout,
        history: &'static History,
        spec: &StructHistory,
        at: &At<'_>,
    ) -> Plan {
        let version = match self.version(stored, history, at) {
            Ok(version) => version,
            Err(plan) => return plan,
        };
        let OwnedLayout::Struct { fields, .. } = stored else { return self.mismatch(stored, history, at) };
        if version.is_another(fields_share(fields, spec.fields)) {
            return self.mismatch(stored, history, at);
        }
        let at = at.down(Step::Version(version));
        let (record, same) = self.fields(fields, spec.fields, &version, &at);
        let conversion =
            if same && version.is_newest() { Conversion::Identity } else { Conversion::Struct(record) };
        Plan { size: stored.size(), conversion }
    }

    fn enumeration(
        &mut self,
        stored: &OwnedLayout,
        history: &'static History,
        spec: &EnumHistory,
        at: &At<'_>,
    ) -> Plan {
        let version = match self.version(stored, history, at) {
            Ok(version) => version,
            Err(plan) => return plan,
        };
        let OwnedLayout::Enum { variants, .. } = stored else { return self.mismatch(stored, history, at) };
        let share = variants.iter().any(|was| spec.variants.iter().any(|is| is.name == was.name));
        if version.is_another(share) {
            return self.mismatch(stored, history, at);
        }
        let at = at.down(Step::Version(version));
        let (variants, same) = self.variants(variants, spec.variants, &version, &at);
        let conversion =
            if same && version.is_newest() { Conversion::Identity } else { Conversion::Enum(variants) };
        Plan { size: stored.size(), conversion }
    }

    /// Returns the stored version of a derived type, or the plan if it is not one of the type's
    /// own.
    fn version<'a>(
        &mut self,
        stored: &'a OwnedLayout,
        history: &'static History,
        at: &At<'_>,
    ) -> Result<Version<'a>, Plan> {
        let Some(Derived { layout, first, previous }) = history.derived() else {
            return Err(self.mismatch(stored, history, at));
        };
        let newest = layout.version().unwrap_or(0);
        let (oldest, told) = (if previous.is_some() { 0 } else { first }, history.tells());
        let version = Version { name: layout.name(), version: 0, newest, oldest, told, stored };
        match (stored.version(), previous) {
            (Some(version), _) if version > newest => Err(self.newer(stored, history, at)),
            (Some(number), _) if number >= first => Ok(Version { version: number, ..version }),
            (None, Some(previous)) if !reaches_plain(previous) => Err(self.mismatch(stored, history, at)),
            (_, Some(previous)) => {
                let plan = self.walk(stored, previous, at);
                Err(Plan { size: stored.size(), conversion: Conversion::Previous(Box::new(plan)) })
            }
            (Some(_), None) => Err(self.forgotten(stored, history, at)),
            (None, None) => Err(self.mismatch(stored, history, at)),
        }
    }

    fn newer(&mut self, stored: &OwnedLayout, history: &'static History, at: &At<'_>) -> Plan {
        let Some(Derived { layout, .. }) = history.derived() else { return Plan::refused() };
        let (stored_name, name) = (stored.to_string(), layout.name());
        if stored_name != name {
            return self.mismatch(stored, history, at);
        }
        let (version, newest) = (stored.version().unwrap_or(0), layout.version().unwrap_or(0));
        let what = format!("`{name}` was stored in version {version}; the code has version {newest}");
        let because = "older code cannot read what newer code wrote".to_owned();
        let fix = format!(
            "deploy the newer code again, release the older behavior with version {version} of `{name}`, or load the \
             snapshot from before the upgrade"
        );
        self.problem_at(at, Rule::VersionNewer, what, because, fix);
        Plan::refused()
    }

    fn forgotten(&mut self, stored: &OwnedLayout, history: &'static History, at: &At<'_>) -> Plan {
        let Some(Derived { layout, first, .. }) = history.derived() else { return Plan::refused() };
        let (version, name) = (stored.version().unwrap_or(0), layout.name());
        let what = format!("`{name}` was stored in version {version}; the code begins at version {first}");
        let because = format!("pages of version {version} are still there");
        let fix = format!(
            "bring the history of version {version} back (a lower `oldest`, or `previous = …`), or sweep \
             with the old code first"
        );
        self.problem_at(at, Rule::VersionForgotten, what, because, fix);
        Plan::refused()
    }
}

/// Returns `true` if the last of the nested `previous` types has no versions.
fn reaches_plain(history: &'static History) -> bool {
    match history.derived() {
        Some(Derived { previous: Some(previous), .. }) => reaches_plain(previous),
        Some(Derived { previous: None, .. }) => false,
        None => true,
    }
}

/// Returns `true` if any field has the name of a stored one, or if no fields are stored.
fn fields_share(stored: &[OwnedField], fields: &[FieldHistory]) -> bool {
    stored.is_empty() || stored.iter().any(|was| fields.iter().any(|is| is.name == was.name))
}

impl Version<'_> {
    /// Returns `true` if the stored type is a different type: it has another name and, unless
    /// `share` is `true`, no field or variant in common.
    fn is_another(&self, share: bool) -> bool {
        !share && self.stored.to_string() != self.name
    }

    pub(super) fn is_newest(&self) -> bool {
        self.version == self.newest
    }

    pub(super) fn subject(&self) -> String {
        format!("`{}` version {}", self.name, self.version)
    }

    pub(super) fn because(&self) -> String {
        format!(
            "a layout that was stored (version {}, {}) may not change",
            self.version,
            self.stored.fingerprint()
        )
    }

    /// Returns the beginning of a fix: the new version number, if one is needed. Once attributes
    /// explain one version, they must explain all, so `oldest` leaves out those that none mentions.
    pub(super) fn bump(&self) -> String {
        let numbered = if self.told { self.is_newest() } else { self.next() != self.newest };
        let version = numbered.then(|| format!("make this version {}", self.next()));
        let oldest = (!self.told && self.oldest != 0 && self.oldest < self.version)
            .then(|| format!("`oldest = {}`", self.version));
        match (version, oldest) {
            (Some(version), Some(oldest)) => format!("{version} with {oldest}, and "),
            (Some(version), None) => format!("{version} and "),
            (None, Some(oldest)) => format!("begin at {oldest}, and "),
            (None, None) => String::new(),
        }
    }

    /// Returns the version after the stored one.
    pub(super) fn next(&self) -> u32 {
        self.version.saturating_add(1)
    }

    /// Returns the end of a fix if any of several later versions may have made the change.
    pub(super) fn or_later(&self) -> String {
        if self.told && self.next() < self.newest {
            format!(" (or a later version up to {}, whichever changed it)", self.newest)
        } else {
            String::new()
        }
    }
}
