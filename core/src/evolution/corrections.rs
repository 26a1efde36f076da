//! Fixes for attributes that contradict a stored version. Adding a second attribute would not help:
//! the existing one has to change.

use super::{FieldHistory, GONE, STILL, VariantHistory};
use crate::layout::stored::{OwnedField, OwnedLayout};

/// Returns the current name of a field of some version, if the field still exists.
pub(super) fn newest_field(forms: &[FieldHistory], spec: &FieldHistory) -> Option<&'static str> {
    let newest = |field: &&FieldHistory| field.target == spec.target && field.until == STILL;
    (spec.target != GONE).then(|| forms.iter().find(newest))?.map(|field| field.name)
}

/// Returns the current name of a variant of some version, if the variant still exists.
pub(super) fn newest_variant(forms: &[VariantHistory], spec: &VariantHistory) -> Option<&'static str> {
    let newest = |variant: &&VariantHistory| variant.target == spec.target && variant.until == STILL;
    forms.iter().find(newest).map(|variant| variant.name)
}

/// Returns the form of a field from version `next` on, if an attribute declares a change in that
/// version.
fn after<'a>(forms: &'a [FieldHistory], spec: &FieldHistory, next: u32) -> Option<&'a FieldHistory> {
    let follows = |form: &&FieldHistory| form.target == spec.target && form.since == next;
    forms.iter().find(follows).filter(|_| spec.until == next && spec.target != GONE)
}

/// Returns the fix for a field that was stored as `was` instead of its declared earlier type.
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

/// Returns the fix for a field that was stored as `was` instead of its declared earlier name.
pub(super) fn of_name(forms: &[FieldHistory], spec: &FieldHistory, was: &str, next: u32) -> Option<String> {
    let Some(newest) = newest_field(forms, spec) else { return Some(in_removed(was)) };
    let said = after(forms, spec, next)?.name != spec.name;
    said.then(|| renamed(was, spec.name, newest))
}

/// Returns the fix for a variant, as [`of_name`] does for a field.
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

/// Returns the fix for a removed field that the stored version did not have yet.
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

/// Returns the fix for a variant, as [`of_presence`] does for a field.
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

/// Returns the fix for fields that were stored in another order than `moved` declares.
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
