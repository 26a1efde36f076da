//! Matches the fields and variants of a stored version with those of the history, and reports the
//! ones without a match.

use super::check::{At, Check, Step, Version};
use super::corrections::{self, newest_field, newest_variant};
use super::{FieldHistory, FieldPlan, GONE, Plan, RecordPlan, Rule, STILL, VariantHistory, VariantPlan};
use crate::layout::record::head_size;
use crate::layout::stored::{OwnedField, OwnedLayout, OwnedVariant};

/// Returns the locations of stored fields that follow one another. Each comes with the position of
/// the current field that it became and the number of conversions in between, or `None` if it was
/// removed.
fn place(stored: impl Iterator<Item = (Option<(u16, u16)>, Plan)>) -> RecordPlan {
    let mut record = RecordPlan { head: 0, fields: Vec::new(), keeps_names: true };
    let mut after = None;
    for (target, plan) in stored {
        let (at, size) = (record.head, plan.size);
        record.head += head_size(size);
        if let Some((index, step)) = target {
            let index = usize::from(index);
            record.fields.resize(record.fields.len().max(index + 1), None);
            if let Some(field) = record.fields.get_mut(index) {
                *field = Some(FieldPlan { at, after, step, plan });
            }
        }
        if size.is_none() {
            after = Some(at);
        }
    }
    record
}

impl Check {
    /// Matches stored fields with those that the code has in this version. Returns their plan, and
    /// `true` if they match exactly.
    pub(super) fn fields(
        &mut self,
        stored: &[OwnedField],
        history: &'static [FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) -> (RecordPlan, bool) {
        let expected = || history.iter().filter(|field| field.is_in(version.version));
        let mut same = true;
        if !expected().map(|field| field.name).eq(stored.iter().map(|field| field.name.as_str())) {
            let expected: Vec<&'static FieldHistory> = expected().collect();
            self.field_names(stored, &expected, history, version, at);
            same = false;
        }
        let (mut plans, mut keeps_names) = (Vec::with_capacity(stored.len()), true);
        for field in stored {
            let found = expected().find(|spec| spec.name == field.name);
            let plan = match found {
                Some(spec) => {
                    let step = Step::Field { stored: &field.layout, spec, forms: history };
                    self.walk(&field.layout, spec.history, &at.down(step))
                }
                None => Plan::identity(field.layout.size()),
            };
            same &= plan.is_identity();
            let mut now = history.iter().filter(|spec| spec.until == STILL && spec.name == field.name);
            keeps_names &= now.all(|now| found.is_some_and(|spec| spec.target == now.target));
            let target = found.filter(|spec| spec.target != GONE).map(|spec| (spec.target, spec.step));
            plans.push((target, plan));
        }
        (RecordPlan { keeps_names, ..place(plans.into_iter()) }, same)
    }

    /// Reports how the names differ: fields were added, removed, renamed or moved.
    fn field_names(
        &mut self,
        stored: &[OwnedField],
        expected: &[&'static FieldHistory],
        history: &'static [FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let is_new = |spec: &&FieldHistory| stored.iter().all(|field| field.name != spec.name);
        let mut new: Vec<&FieldHistory> = expected.iter().copied().filter(is_new).collect();
        let mut gone = Vec::new();
        for (index, field) in stored.iter().enumerate() {
            if expected.iter().any(|spec| spec.name == field.name) {
                continue;
            }
            // A field at the same position with the same type was renamed, not replaced.
            let here = expected.get(index).copied();
            let renamed = here.and_then(|here| new.iter().position(|spec| core::ptr::eq(*spec, here)));
            let renamed = renamed.filter(|new_at| new.get(*new_at).is_some_and(|new| fits(field, new)));
            match renamed {
                Some(new_at) => self.field_renamed(field, new.remove(new_at), history, version, at),
                None => gone.push((index, field)),
            }
        }
        if let ([(_, was)], [is]) = (gone.as_slice(), new.as_slice())
            && fits(was, is)
        {
            self.field_renamed(was, is, history, version, at);
            (gone, new) = (Vec::new(), Vec::new());
        }
        for (index, field) in gone {
            let live = |next: &OwnedField| {
                let spec = expected.iter().find(|spec| spec.name == next.name)?;
                newest_field(history, spec)
            };
            self.field_removed(field, stored.iter().skip(index + 1).find_map(live), version, at);
        }
        for spec in new {
            self.field_added(spec, history, version, at);
        }
        let both = |name: &&str| {
            stored.iter().any(|field| field.name == *name) && expected.iter().any(|spec| spec.name == *name)
        };
        let was = stored.iter().map(|field| field.name.as_str()).filter(both);
        if !was.eq(expected.iter().map(|spec| spec.name).filter(both)) {
            self.field_moved(stored, history, version, at);
        }
    }

    fn field_renamed(
        &mut self,
        was: &OwnedField,
        is: &FieldHistory,
        history: &[FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let (old, new) = (&was.name, is.name);
        let (newest, next) = (newest_field(history, is).unwrap_or(new), version.next());
        let what = format!("field `{old}` of {} is now called `{new}`", version.subject());
        let fix = corrections::of_name(history, is, old, next).unwrap_or_else(|| {
            format!(
                "{}add `#[layout(renamed({old}, until = {next}))]` to `{newest}`{}; if that is another field, say \
                 `removed({old}: {}, until = {next})` and `since = {next}`",
                version.bump(),
                version.or_later(),
                was.layout,
            )
        });
        self.problem_at(at, Rule::FieldRenamed, what, version.because(), fix);
    }

    fn field_removed(&mut self, field: &OwnedField, next: Option<&str>, version: &Version<'_>, at: &At<'_>) {
        let OwnedField { name, layout } = field;
        let what = format!("field `{name}: {layout}` of {} is gone", version.subject());
        let place = match (next, at.step) {
            (_, Step::Variant { name: variant, live: false }) => {
                let fix = format!("let `removed({variant}…)` have `{name}: {layout}`");
                return self.problem_at(at, Rule::FieldRemoved, what, version.because(), fix);
            }
            (Some(next), _) => format!("before field `{next}`"),
            (None, Step::Variant { .. }) => "to the variant".to_owned(),
            (None, _) => "to the type".to_owned(),
        };
        let fix = format!(
            "put it back, or {}add `#[layout(removed({name}: {layout}, until = {}))]` {place}{}",
            version.bump(),
            version.next(),
            version.or_later(),
        );
        self.problem_at(at, Rule::FieldRemoved, what, version.because(), fix);
    }

    fn field_added(
        &mut self,
        spec: &FieldHistory,
        history: &[FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let (name, is) = (spec.name, OwnedLayout::from(spec.history));
        let what = format!("field `{name}: {is}` of {} was not there when it was stored", version.subject());
        let (next, name) = (version.next(), newest_field(history, spec).unwrap_or(name));
        let fix = match corrections::of_presence(history, spec, next) {
            Some(fix) => fix,
            None if spec.since > 1 => format!("{}write `since = {next}` at `{name}`", version.bump()),
            None => format!(
                "{}add `#[layout(since = {next}, default = …)]` to `{name}`{}",
                version.bump(),
                version.or_later(),
            ),
        };
        self.problem_at(at, Rule::FieldAdded, what, version.because(), fix);
    }

    fn field_moved(
        &mut self,
        stored: &[OwnedField],
        history: &[FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let names = |separator: &str| {
            stored.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(separator)
        };
        let what =
            format!("the fields of {} were stored in the order `{}`", version.subject(), names("`, `"));
        let fix = corrections::of_order(history, stored, version.next()).unwrap_or_else(|| {
            format!(
                "put the fields back in that order, or {}add `#[layout(moved({}, until = {}))]` to the {}{}",
                version.bump(),
                names(", "),
                version.next(),
                if matches!(at.step, Step::Variant { .. }) { "variant" } else { "type" },
                version.or_later(),
            )
        });
        self.problem_at(at, Rule::FieldMoved, what, version.because(), fix);
    }

    /// Matches stored variants with those that the code has in this version. Returns their plans,
    /// and `true` if their fields match exactly.
    pub(super) fn variants(
        &mut self,
        stored: &[OwnedVariant],
        history: &'static [VariantHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) -> (Vec<VariantPlan>, bool) {
        let (mut plans, mut same) = (Vec::with_capacity(stored.len()), true);
        let expected = || history.iter().filter(|spec| spec.is_in(version.version));
        for (index, variant) in stored.iter().enumerate() {
            let here = expected().find(|spec| spec.tag == variant.tag);
            let Some(spec) = here.filter(|spec| spec.name == variant.name) else {
                let live = |next: &OwnedVariant| {
                    let spec = expected().find(|spec| spec.name == next.name)?;
                    newest_variant(history, spec)
                };
                match (expected().find(|spec| spec.name == variant.name), here) {
                    (Some(spec), _) => self.variant_retagged(variant, spec, history, version, at),
                    (None, Some(here)) if could_be(variant, here, stored, version.version) => {
                        self.variant_renamed(variant, here, history, version, at);
                    }
                    _ => {
                        let next = stored.iter().skip(index + 1).find_map(live);
                        self.variant_removed(variant, next, version, at);
                    }
                }
                continue;
            };
            let live = newest_variant(history, spec).is_some();
            let at = at.down(Step::Variant { name: spec.name, live });
            let (record, whole) = self.fields(&variant.fields, spec.fields, version, &at);
            same &= whole;
            let (tag, variant) = (variant.tag, usize::from(spec.target));
            let mut now = history.iter().filter(|now| now.until == STILL && now.name == spec.name);
            let keeps_name = now.all(|now| now.target == spec.target);
            plans.push(VariantPlan { tag, variant, is_removed: !live, keeps_name, record });
        }
        let mut free = free_tag(stored, history);
        for spec in expected() {
            let is_new = stored.iter().all(|variant| variant.name != spec.name);
            let taken = stored.iter().find(|variant| variant.tag == spec.tag);
            // A stored variant that the code still has under its name was not renamed.
            let renamed = |was: &OwnedVariant| {
                expected().all(|other| other.name != was.name) && could_be(was, spec, stored, version.version)
            };
            if is_new && !taken.is_some_and(renamed) {
                let tag = taken.map(|_| free);
                free = free.saturating_add(u8::from(tag.is_some()));
                self.variant_added(spec, tag, history, version, at);
            }
        }
        (plans, same)
    }

    fn variant_removed(
        &mut self,
        variant: &OwnedVariant,
        next: Option<&str>,
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let what = format!("variant `{}` of {} is gone", variant.name, version.subject());
        let arguments = variant.fields.iter().map(|_| "_").collect::<Vec<_>>().join(", ");
        let place = match next {
            Some(next) => format!("before variant `{next}`"),
            None => "to the enum".to_owned(),
        };
        let fix = format!(
            "put it back, or {}add `#[layout(removed({}, tag = {}, until = {}, with = |{arguments}| …))]` {place}{}",
            version.bump(),
            written(variant),
            variant.tag,
            version.next(),
            version.or_later(),
        );
        self.problem_at(at, Rule::VariantRemoved, what, version.because(), fix);
    }

    fn variant_added(
        &mut self,
        spec: &VariantHistory,
        tag: Option<u8>,
        history: &[VariantHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let what =
            format!("variant `{}` of {} was not there when it was stored", spec.name, version.subject());
        let (name, next) = (newest_variant(history, spec).unwrap_or(spec.name), version.next());
        let tag = tag.map(|tag| format!(", tag = {tag}")).unwrap_or_default();
        let fix = match corrections::of_variant_presence(history, spec, next) {
            Some(fix) => fix,
            None if spec.since > 1 => format!("{}write `since = {next}{tag}` at `{name}`", version.bump()),
            None => format!(
                "{}add `#[layout(since = {next}{tag})]` to `{name}`{}",
                version.bump(),
                version.or_later(),
            ),
        };
        self.problem_at(at, Rule::VariantAdded, what, version.because(), fix);
    }

    fn variant_renamed(
        &mut self,
        variant: &OwnedVariant,
        spec: &VariantHistory,
        history: &[VariantHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let (tag, was, is) = (variant.tag, &variant.name, spec.name);
        let newest = newest_variant(history, spec).unwrap_or(is);
        let what = format!("tag {tag} of {} was variant `{was}` and is `{is}`", version.subject());
        let fix = corrections::of_variant_name(history, spec, was, version.next()).unwrap_or_else(|| {
            format!(
                "{}add `#[layout(renamed({was}, until = {}))]` to `{newest}`{}, or give every variant back the \
                 place (or `tag`) it had",
                version.bump(),
                version.next(),
                version.or_later(),
            )
        });
        self.problem_at(at, Rule::VariantRenamed, what, version.because(), fix);
    }

    fn variant_retagged(
        &mut self,
        variant: &OwnedVariant,
        spec: &VariantHistory,
        history: &[VariantHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let (name, was, is) = (&variant.name, variant.tag, spec.tag);
        let what =
            format!("variant `{name}` of {} was stored with tag {was} and has {is}", version.subject());
        let fix = match newest_variant(history, spec) {
            Some(newest) => {
                format!("add `#[layout(tag = {was})]` to `{newest}`: new variants go after the others")
            }
            None => format!("let `removed({name}…)` say `tag = {was}`"),
        };
        self.problem_at(at, Rule::VariantRetagged, what, version.because(), fix);
    }
}

/// Returns `true` if a stored field could be this one under another name.
fn fits(field: &OwnedField, spec: &FieldHistory) -> bool {
    field.layout.fingerprint() == OwnedLayout::from(spec.history).fingerprint()
}

/// Returns `true` if a stored variant could be this one under another name: both have the same tag
/// and the same fields, and no stored variant has the new name.
fn could_be(was: &OwnedVariant, is: &VariantHistory, stored: &[OwnedVariant], version: u32) -> bool {
    let mut fields = is.fields.iter().filter(|field| field.is_in(version));
    let same = was
        .fields
        .iter()
        .all(|field| fields.next().is_some_and(|spec| spec.name == field.name && fits(field, spec)));
    same && fields.next().is_none() && stored.iter().all(|other| other.name != is.name)
}

/// Returns the first tag after all that variants have or had. Tags that the code gives to stored
/// variants do not count: the fix restores the tags that these were stored with.
fn free_tag(stored: &[OwnedVariant], history: &[VariantHistory]) -> u8 {
    let moves =
        |spec: &&VariantHistory| stored.iter().any(|was| was.name == spec.name || was.tag == spec.tag);
    let stays = history.iter().filter(|spec| !moves(spec)).map(|spec| spec.tag);
    let used = stored.iter().map(|variant| variant.tag).chain(stays);
    used.max().map_or(0, |tag| tag.saturating_add(1))
}

/// Returns a variant as Rust declares it.
fn written(variant: &OwnedVariant) -> String {
    let OwnedVariant { name, fields, .. } = variant;
    let parts = |names: bool| {
        let part = |field: &OwnedField| match names {
            true => format!("{}: {}", field.name, field.layout),
            false => field.layout.to_string(),
        };
        fields.iter().map(part).collect::<Vec<_>>().join(", ")
    };
    match fields.first() {
        None => name.clone(),
        Some(first) if first.name == "0" => format!("{name}({})", parts(false)),
        Some(_) => format!("{name} {{ {} }}", parts(true)),
    }
}
