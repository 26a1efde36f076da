//! The forms of fields and variants. A form is a name, a type, and the range of versions that had
//! both.

use syn::{Ident, Type};

use crate::errors::Errors;
use crate::generate::written;
use crate::input::{Field, FieldForm};
use crate::past::{Name, RemovedFieldAttribute, Renamed, Was};
use crate::timeline::{VersionRange, VersionTracker};

/// A field of any version, with all its forms.
pub(crate) struct FieldSlot {
    pub(crate) forms: Vec<FieldForm>,
    /// The current name, and the span that errors point at.
    pub(crate) name: Name,
}

impl FieldSlot {
    /// Returns the form of the field in a version, if that version had the field.
    pub(crate) fn form_in(&self, version: u32) -> Option<&FieldForm> {
        self.forms.iter().find(|form| form.span.contains(version))
    }

    /// Returns the name of the field in a version, if that version had the field.
    pub(crate) fn name_in(&self, version: u32) -> Option<&String> {
        self.form_in(version).map(|form| &form.name)
    }
}

/// Sorts earlier types, the latest first.
pub(crate) fn latest_first(mut was: Vec<Was>) -> Vec<Was> {
    was.sort_by_key(|was| core::cmp::Reverse(was.until.value));
    was
}

/// Returns the names that a field or variant had, the earliest first.
pub(crate) fn names(
    newest: &str,
    renamed: &[Renamed],
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Vec<(String, VersionRange)> {
    let mut ends: Vec<(u32, &Renamed)> = Vec::new();
    for old in renamed {
        let Some(end) = tracker.until(&old.until, owner, errors) else { continue };
        if end <= life.since {
            let since = life.since;
            errors.at(
                &old.until.literal,
                format_args!("`{newest}` is there since {since}: it had no name before"),
            );
        } else if ends.iter().any(|(other, _)| *other == end) {
            errors.at(&old.until.literal, format_args!("`{newest}` had two names until {end}"));
        } else {
            ends.push((end, old));
        }
    }
    ends.sort_by_key(|(end, _)| *end);
    let (mut names, mut since) = (Vec::new(), life.since);
    for (i, (end, old)) in ends.iter().enumerate() {
        let next = ends.get(i + 1).map_or(newest, |(_, next)| next.name.text.as_str());
        if old.name.text == next {
            let message = format!("`{next}` was called so before and after version {end}");
            errors.push(syn::Error::new(old.name.span, message));
        }
        names.push((old.name.text.clone(), VersionRange { since, until: Some(*end) }));
        since = *end;
    }
    names.push((newest.to_owned(), VersionRange { since, until: life.until }));
    names
}

/// Returns the forms of a field that the current version has. `life` is the range of its variant.
pub(crate) fn slot(
    field: &Field,
    target: usize,
    renamed: &[Renamed],
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<FieldSlot> {
    let since = field.since.unwrap_or(1).max(life.since);
    let life = VersionRange { since, until: life.until };
    let names = names(&field.name, renamed, tracker, life, owner, errors);
    let types = types(field, tracker, life, owner, errors)?;
    let mut forms = Vec::new();
    for (name, named) in &names {
        for (step, (ty, typed)) in types.iter().enumerate() {
            if let Some(span) = named.and(*typed) {
                let (name, ty) = (name.clone(), (*ty).clone());
                forms.push(FieldForm { name, span, ty, target: Some(target), step });
            }
        }
    }
    Some(FieldSlot { forms, name: Name { text: field.name.clone(), span: field.source } })
}

/// Returns the types that a field had, the newest first.
fn types<'a>(
    field: &'a Field,
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<Vec<(&'a Type, VersionRange)>> {
    let (name, since) = (&field.name, life.since);
    let (mut types, mut newer, mut end) = (Vec::new(), &field.ty, life.until);
    for was in &field.was {
        let until = tracker.until(&was.until, owner, errors)?;
        let message = if until <= since {
            format!("`{name}` is there since {since}: it had no other type before")
        } else if Some(until) == end {
            format!("`{name}` had two types until {until}")
        } else if was.with.is_none() && written(newer) == written(&was.ty) {
            let ty = written(newer);
            format!(
                "`{name}` was `{ty}` before and after version {until}: leave this out, or say what became of \
                 the values: `with = …`"
            )
        } else {
            types.push((newer, VersionRange { since: until, until: end }));
            (newer, end) = (&was.ty, Some(until));
            continue;
        };
        errors.at(&was.until.literal, message);
        return None;
    }
    types.push((newer, VersionRange { since, until: end }));
    Some(types)
}

/// Returns the form of a field that was removed.
pub(crate) fn tombstone(
    gone: RemovedFieldAttribute,
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<FieldSlot> {
    let RemovedFieldAttribute { name, ty, since, until } = gone;
    let span = tracker.life(since.as_ref(), &until, owner, errors)?;
    if let Some(since) = since.filter(|since| (2..=life.since).contains(&since.value)) {
        errors.at(&since.literal, as_long_as_its_variant(life));
    }
    let Some(span) = span.and(life) else {
        errors.at(
            &until.literal,
            format_args!("the variant is there since {}: it had no field before", life.since),
        );
        return None;
    };
    let form = FieldForm { name: name.text.clone(), span, ty, target: None, step: 0 };
    Some(FieldSlot { forms: vec![form], name })
}

/// Returns the error for a `since` that is not later than that of the variant.
pub(crate) fn as_long_as_its_variant(life: VersionRange) -> String {
    format!("the variant is there since {}, so the field was never missing: leave this out", life.since)
}
