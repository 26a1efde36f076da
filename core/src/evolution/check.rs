//! Comparing what is stored with what the code declares. Collects every problem instead of stopping at
//! the first.

use super::report::{Problem, Rule};
use super::spec::{EnumSpec, FieldSpec, StructSpec, VariantSpec};
use super::{How, Plan, PlanFn, RecordPlan, VariantPlan};
use crate::layout::Layout;
use crate::layout::stored::{Stored, StoredField, StoredVariant};

/// A comparison under way: where it is, and what it found.
#[derive(Debug, Default)]
pub struct Check {
    root: String,
    path: Vec<String>,
    /// What was found so far.
    pub problems: Vec<Problem>,
}

impl Check {
    /// Goes on to another root, whose declaration reads `declaration`.
    pub fn root(&mut self, name: &str, declaration: String) {
        self.path = vec![name.to_owned()];
        self.root = declaration;
    }

    /// Adds a problem at the present place.
    pub fn problem(&mut self, rule: Rule, what: String, because: impl Into<String>, fix: impl Into<String>) {
        let (path, root) = (self.path.clone(), self.root.clone());
        self.problems.push(Problem { rule, path, root, what, because: because.into(), fix: fix.into() });
    }

    /// Runs `inner` one step further down the path.
    pub fn within<R>(&mut self, step: impl Into<String>, inner: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step.into());
        let result = inner(self);
        self.path.pop();
        result
    }

    fn last(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// For types without a history: the stored layout is exactly this one, or a problem.
    pub fn same(&mut self, stored: &Stored, layout: &Layout) -> Plan {
        if stored.is(layout) {
            return Plan::same(layout.size());
        }
        let newest = Stored::from(layout);
        let what = format!("`{}` was `{stored}` and is `{newest}`", self.last());
        let (because, fix) = (
            format!("bytes of `{stored}` cannot be read as `{newest}`"),
            format!(
                "keep the old type as a type of its own, add `previous = …` to the newest one, \
                 and say in `impl From` how `{stored}` becomes `{newest}`"
            ),
        );
        self.problem(Rule::TypeChanged, what, because, fix);
        Plan::refused()
    }

    /// For containers: each part by its own plan.
    pub fn wrapper(&mut self, size: Option<usize>, parts: &[(&Stored, PlanFn)]) -> Plan {
        let plans: Vec<Plan> = parts.iter().map(|(stored, plan)| plan(stored, self)).collect();
        let how = if plans.iter().all(Plan::is_same) { How::Same } else { How::Parts(plans) };
        Plan { size, how }
    }

    /// Which history a stored version belongs to: `None` if it was settled here.
    fn version(
        &mut self,
        stored: &Stored,
        newest: &Layout,
        first: u32,
        previous: Option<PlanFn>,
    ) -> Result<u32, Plan> {
        let (Some(version), Some(current)) = (stored.version(), newest.version()) else {
            return Err(self.same(stored, newest));
        };
        let name = newest.name();
        if version > current {
            let what = format!("`{name}` was stored in version {version}; the code has version {current}");
            let because = "older code cannot know what newer code wrote";
            self.problem(
                Rule::VersionNewer,
                what,
                because,
                format!("deploy code that has version {version} of `{name}`"),
            );
            return Err(Plan::refused());
        }
        if version >= first {
            return Ok(version);
        }
        if let Some(previous) = previous {
            let plan = previous(stored, self);
            return Err(Plan { size: stored.size(), how: How::Previous(Box::new(plan)) });
        }
        let what = format!("`{name}` was stored in version {version}; the code begins at version {first}");
        let because = format!("pages of version {version} are still there");
        self.problem(
            Rule::VersionForgotten,
            what,
            because,
            format!("bring version {version} back with `#[layout(previous = …)]`, or sweep with the old code first"),
        );
        Err(Plan::refused())
    }

    /// For derived structs.
    pub fn structure(&mut self, stored: &Stored, spec: &StructSpec) -> Plan {
        let version = match self.version(stored, spec.layout, spec.first, spec.previous) {
            Ok(version) => version,
            Err(plan) => return plan,
        };
        let Stored::Struct { fields, .. } = stored else { return self.same(stored, spec.layout) };
        let cx = Version::of(stored, spec.layout, version);
        let (record, same) = self.within(cx.step(), |check| check.fields(fields, spec.fields, &cx));
        let how = if same && cx.is_newest() { How::Same } else { How::Struct(record) };
        Plan { size: stored.size(), how }
    }

    /// For derived enums.
    pub fn enumeration(&mut self, stored: &Stored, spec: &EnumSpec) -> Plan {
        let version = match self.version(stored, spec.layout, spec.first, spec.previous) {
            Ok(version) => version,
            Err(plan) => return plan,
        };
        let Stored::Enum { variants, .. } = stored else { return self.same(stored, spec.layout) };
        let cx = Version::of(stored, spec.layout, version);
        let (variants, same) = self.within(cx.step(), |check| check.variants(variants, spec.variants, &cx));
        let how = if same && cx.is_newest() { How::Same } else { How::Enum(variants) };
        Plan { size: stored.size(), how }
    }

    /// Pairs stored fields with those of the code that were there in this version.
    fn fields(
        &mut self,
        stored: &[StoredField],
        specs: &[FieldSpec],
        cx: &Version<'_>,
    ) -> (RecordPlan, bool) {
        let expected: Vec<(usize, &FieldSpec)> =
            specs.iter().enumerate().filter(|(_, field)| field.since <= cx.version).collect();
        let names = |fields: &[(usize, &FieldSpec)]| fields.iter().map(|(_, f)| f.name).collect::<Vec<_>>();
        let mut same = true;
        if names(&expected) != stored.iter().map(|field| field.name.as_str()).collect::<Vec<_>>() {
            self.field_names(stored, &expected, cx);
            same = false;
        }
        let mut plans = Vec::new();
        for field in stored {
            let found = expected.iter().find(|(_, spec)| spec.name == field.name);
            let plan = match found {
                Some((_, spec)) => self.field(field, spec, cx),
                None => Plan::same(field.layout.size()),
            };
            same &= plan.is_same();
            plans.push((found.map(|(index, _)| *index), plan));
        }
        (RecordPlan::place(plans.into_iter(), specs.len()), same)
    }

    /// One field: a nested type brings its own history, any other one has to be what it was.
    fn field(&mut self, stored: &StoredField, spec: &FieldSpec, cx: &Version<'_>) -> Plan {
        if spec.layout.evolves() && stored.layout.is_kind_of(spec.layout) {
            return self.within(spec.name, |check| (spec.plan)(&stored.layout, check));
        }
        if stored.layout.is(spec.layout) {
            return Plan::same(spec.layout.size());
        }
        let newest = Stored::from(spec.layout);
        let (was, is) = (&stored.layout, &newest);
        let what = format!("field `{}` of {} was `{was}` and is `{is}`", spec.name, cx.subject());
        let fix = format!(
            "make this version {}: keep the old struct as `{name}V{}`, add `previous = {name}V{}`, and say in \
             `impl From<{name}V{}> for {name}` how `{was}` becomes `{is}`",
            cx.newest + 1,
            cx.version,
            cx.version,
            cx.version,
            name = cx.name,
        );
        self.within(spec.name, |check| check.problem(Rule::TypeChanged, what, cx.because(), fix));
        Plan::refused()
    }

    /// Says how the names differ: a field added, removed, renamed or moved.
    fn field_names(&mut self, stored: &[StoredField], expected: &[(usize, &FieldSpec)], cx: &Version<'_>) {
        let next = cx.newest + 1;
        let gone: Vec<&StoredField> =
            stored.iter().filter(|field| expected.iter().all(|(_, spec)| spec.name != field.name)).collect();
        let new: Vec<&&FieldSpec> = expected
            .iter()
            .map(|(_, spec)| spec)
            .filter(|spec| stored.iter().all(|field| field.name != spec.name))
            .collect();
        if let ([was], [is]) = (gone.as_slice(), new.as_slice())
            && Stored::from(is.layout) == was.layout
        {
            let what = format!("field `{}` of {} is now called `{}`", was.name, cx.subject(), is.name);
            let fix = format!(
                "call it `{}` again, or make this version {next} with `previous = …` and `impl From`",
                was.name
            );
            return self.problem(Rule::FieldRenamed, what, cx.because(), fix);
        }
        for field in &gone {
            let what = format!("field `{}: {}` of {} is gone", field.name, field.layout, cx.subject());
            let fix = format!(
                "put it back, or make this version {next} with `previous = …` and `impl From` that drops it"
            );
            self.problem(Rule::FieldRemoved, what, cx.because(), fix);
        }
        for field in &new {
            let is = Stored::from(field.layout);
            let what =
                format!("field `{}: {is}` of {} was not there when it was stored", field.name, cx.subject());
            let fix = format!(
                "make this version {next} and add `#[layout(since = {next}, default = …)]` to the field"
            );
            self.problem(Rule::FieldAdded, what, cx.because(), fix);
        }
        if gone.is_empty() && new.is_empty() {
            let order = stored.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join("`, `");
            let what = format!("the fields of {} were stored in the order `{order}`", cx.subject());
            let fix = "put the fields back in that order";
            self.problem(Rule::FieldMoved, what, cx.because(), fix);
        }
    }

    /// Pairs stored variants with those of the code that were there in this version.
    fn variants(
        &mut self,
        stored: &[StoredVariant],
        specs: &[VariantSpec],
        cx: &Version<'_>,
    ) -> (Vec<VariantPlan>, bool) {
        let (mut plans, mut same) = (Vec::new(), true);
        let expected = |spec: &&VariantSpec| spec.since <= cx.version;
        for variant in stored {
            let Some(at) = specs.iter().position(|spec| expected(&spec) && spec.tag == variant.tag) else {
                self.variant_gone(variant, cx);
                continue;
            };
            let spec = &specs[at];
            if spec.name != variant.name {
                let what = format!(
                    "tag {} of {} was variant `{}` and is `{}`",
                    variant.tag,
                    cx.subject(),
                    variant.name,
                    spec.name
                );
                let fix = "give every variant back the place (or `tag`) it had";
                self.problem(Rule::VariantRenamed, what, cx.because(), fix);
            }
            let (record, whole) =
                self.within(spec.name, |check| check.fields(&variant.fields, spec.fields, cx));
            same &= whole;
            plans.push(VariantPlan { tag: variant.tag, variant: at, record });
        }
        for spec in specs.iter().filter(expected) {
            if stored.iter().all(|variant| variant.tag != spec.tag) {
                self.variant_new(spec, cx);
            }
        }
        (plans, same)
    }

    fn variant_gone(&mut self, variant: &StoredVariant, cx: &Version<'_>) {
        let what = format!("variant `{}` of {} is gone", variant.name, cx.subject());
        let fix = format!(
            "put it back, or make this version {} with `previous = …` and `impl From` that says what becomes of it",
            cx.newest + 1
        );
        self.problem(Rule::VariantRemoved, what, cx.because(), fix);
    }

    fn variant_new(&mut self, spec: &VariantSpec, cx: &Version<'_>) {
        let next = cx.newest + 1;
        let what = format!("variant `{}` of {} was not there when it was stored", spec.name, cx.subject());
        let fix = format!("make this version {next} and add `#[layout(since = {next})]` to the variant");
        self.problem(Rule::VariantAdded, what, cx.because(), fix);
    }
}

/// The version of a type that is being compared, for the words of a problem.
struct Version<'a> {
    name: &'static str,
    version: u32,
    newest: u32,
    stored: &'a Stored,
}

impl<'a> Version<'a> {
    fn of(stored: &'a Stored, newest: &'static Layout, version: u32) -> Self {
        let name = newest.name();
        let newest = newest.version().unwrap_or(version);
        Version { name, version, newest, stored }
    }

    fn is_newest(&self) -> bool {
        self.version == self.newest
    }

    fn step(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }

    fn subject(&self) -> String {
        format!("`{}` version {}", self.name, self.version)
    }

    fn because(&self) -> String {
        format!(
            "a layout that was stored (version {}, {}) may not change",
            self.version,
            self.stored.fingerprint()
        )
    }
}
