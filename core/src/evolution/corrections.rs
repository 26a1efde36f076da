//! Fixes where the code does speak of a version, and says what was not so: an attribute cannot be
//! added beside the one that is there, which has to say something else.

use super::{FieldHistory, GONE, STILL, VariantHistory};
use crate::layout::stored::{OwnedField, OwnedLayout};

/// The name that a field of some version has now, if it is still there.
pub(super) fn newest_field(forms: &[FieldHistory], spec: &FieldHistory) -> Option<&'static str> {
    let newest = |field: &&FieldHistory| field.target == spec.target && field.until == STILL;
    (spec.target != GONE).then(|| forms.iter().find(newest))?.map(|field| field.name)
}

/// The name that a variant of some version has now, if it is still there.
pub(super) fn newest_variant(forms: &[VariantHistory], spec: &VariantHistory) -> Option<&'static str> {
    let newest = |variant: &&VariantHistory| variant.target == spec.target && variant.until == STILL;
    forms.iter().find(newest).map(|variant| variant.name)
}

/// Returns what a field became in version `next`, if some attribute says that it was otherwise
/// until then.
fn after<'a>(forms: &'a [FieldHistory], spec: &FieldHistory, next: u32) -> Option<&'a FieldHistory> {
    let follows = |form: &&FieldHistory| form.target == spec.target && form.since == next;
    forms.iter().find(follows).filter(|_| spec.until == next && spec.target != GONE)
}

/// A field was stored as `was`, and not with the type that it is said to have had.
pub(super) fn of_type(
    forms: &[FieldHistory],
    spec: &FieldHistory,
    was: &OwnedLayout,
    next: u32,
) -> Option<String> {
    let Some(newest) = newest_field(forms, spec) else {
        return Some(format!("let `removed(…)` say that `{}` was `{was}`", spec.name));
    };
    let is = OwnedLayout::from(spec.history);
    let said = after(forms, spec, next)?.step < spec.step;
    said.then(|| format!("say `was({was}, …)` instead of `was({is}, …)` at `{newest}`"))
}

/// A field was stored under the name `was`, and not the one that it is said to have had.
pub(super) fn of_name(forms: &[FieldHistory], spec: &FieldHistory, was: &str, next: u32) -> Option<String> {
    let Some(newest) = newest_field(forms, spec) else { return Some(in_removed(was)) };
    let said = after(forms, spec, next)?.name != spec.name;
    said.then(|| renamed(was, spec.name, newest))
}

/// As [`of_name`], of a variant.
pub(super) fn of_variant_name(
    forms: &[VariantHistory],
    spec: &VariantHistory,
    was: &str,
    next: u32,
) -> Option<String> {
    let Some(newest) = newest_variant(forms, spec) else { return Some(in_removed(was)) };
    (spec.until == next).then(|| renamed(was, spec.name, newest))
}

fn in_removed(was: &str) -> String {
    format!("let `removed(…)` call it `{was}`")
}

fn renamed(was: &str, is: &str, newest: &str) -> String {
    format!("say `renamed({was}, …)` instead of `renamed({is}, …)` at `{newest}`")
}

/// A field that was removed later was not there yet.
pub(super) fn of_presence(forms: &[FieldHistory], spec: &FieldHistory, next: u32) -> Option<String> {
    if newest_field(forms, spec).is_some() {
        return None;
    }
    let (name, is) = (spec.name, OwnedLayout::from(spec.history));
    Some(if spec.target == GONE && spec.until > next {
        format!("say `removed({name}: {is}, since = {next}, …)`")
    } else {
        format!("take `{name}` out of `removed(…)`")
    })
}

/// As [`of_presence`], of a variant.
pub(super) fn of_variant_presence(
    forms: &[VariantHistory],
    spec: &VariantHistory,
    next: u32,
) -> Option<String> {
    let name = spec.name;
    newest_variant(forms, spec).is_none().then(|| match spec.until > next {
        true => format!("say `since = {next}` in the `removed({name}…)`"),
        false => format!("take out the `removed({name}…)`"),
    })
}

/// Fields stood in the order of `stored`, and not in the one that `moved` gives them.
pub(super) fn of_order(forms: &[FieldHistory], stored: &[OwnedField], next: u32) -> Option<String> {
    let moved = |form: &FieldHistory| {
        after(forms, form, next).is_some_and(|after| after.name == form.name && after.step == form.step)
    };
    let names: Vec<&str> = stored.iter().map(|field| field.name.as_str()).collect();
    forms.iter().any(moved).then(|| {
        format!(
            "let `moved({}, until = {next})` name them in that order, or take it out if they never moved",
            names.join(", ")
        )
    })
}
