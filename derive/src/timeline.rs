//! What was when: turns the attributes of fields and variants into the forms that each of them had, with the
//! versions of each form, and reports histories that contradict themselves.

use syn::{Ident, Type};

use crate::attributes::Number;
use crate::errors::Errors;
use crate::generate::written;
use crate::input::Field;
use crate::past::{Moved, Name, RemovedField, Renamed, Was};

/// The versions from `since` on, up to but not including `until`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) since: u32,
    /// `None`: the newest version is not the last.
    pub(crate) until: Option<u32>,
}

impl Span {
    pub(crate) fn always() -> Span {
        Span { since: 1, until: None }
    }

    pub(crate) fn contains(self, version: u32) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }

    pub(crate) fn overlaps(self, other: Span) -> bool {
        self.contains(other.since) || other.contains(self.since)
    }

    /// The versions in both.
    fn and(self, other: Span) -> Option<Span> {
        let since = self.since.max(other.since);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Some(Span { since, until }).filter(|span| until.is_none_or(|until| span.since < until))
    }
}

/// The versions of a type, and those that its attributes speak of.
pub(crate) struct Clock {
    /// Unless it is missing, or keys are derived, which have none.
    pub(crate) version: Option<u32>,
    pub(crate) oldest: u32,
    pub(crate) mentioned: Vec<u32>,
}

impl Default for Clock {
    fn default() -> Self {
        Clock { version: None, oldest: 1, mentioned: Vec::new() }
    }
}

impl Clock {
    /// The version of an addition.
    pub(crate) fn since(&mut self, since: &Number<u32>, owner: &Ident, errors: &mut Errors) -> Option<u32> {
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
        self.mentioned.push(value);
        Some(value)
    }

    /// The version in which something ended.
    fn until(&mut self, until: &Number<u32>, owner: &Ident, errors: &mut Errors) -> Option<u32> {
        let Number { value, literal } = until;
        let value = *value;
        self.mentioned.push(value);
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

    /// The life of something that was removed.
    pub(crate) fn life(
        &mut self,
        since: Option<&Number<u32>>,
        until: &Number<u32>,
        owner: &Ident,
        errors: &mut Errors,
    ) -> Option<Span> {
        let since = match since {
            Some(since) => self.since(since, owner, errors)?,
            None => 1,
        };
        let end = self.until(until, owner, errors)?;
        if since >= end {
            errors.at(&until.literal, format_args!("what is there since {since} cannot end in {end}"));
            return None;
        }
        Some(Span { since, until: Some(end) })
    }

    /// Puts the versions that were spoken of in order.
    pub(crate) fn settle(&mut self) {
        self.mentioned.sort_unstable();
        self.mentioned.dedup();
    }
}

/// The first version of a range that is not among `mentioned`, which are in order.
pub(crate) fn first_gap(mentioned: &[u32], first: u32, last: u32) -> Option<u32> {
    let mut next = first;
    for version in mentioned.iter().filter(|version| **version >= first) {
        if *version > next {
            break;
        }
        next = version.saturating_add(1);
    }
    Some(next).filter(|next| *next <= last)
}

/// A field with all its forms.
pub(crate) struct Slot {
    forms: Vec<Piece>,
    /// To point at.
    name: Name,
}

/// A field under one name, with one type, in one place.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) ty: Type,
    /// Position of the field that it became.
    pub(crate) target: Option<usize>,
    /// Conversions up to the newest type.
    pub(crate) step: usize,
}

/// Earlier types in the order in which they are converted.
pub(crate) fn latest_first(mut was: Vec<Was>) -> Vec<Was> {
    was.sort_by_key(|was| core::cmp::Reverse(was.until.value));
    was
}

/// The names that something had.
pub(crate) fn names(
    newest: &str,
    renamed: &[Renamed],
    clock: &mut Clock,
    life: Span,
    owner: &Ident,
    errors: &mut Errors,
) -> Vec<(String, Span)> {
    let mut ends: Vec<(u32, &Renamed)> = Vec::new();
    for old in renamed {
        let Some(end) = clock.until(&old.until, owner, errors) else { continue };
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
        names.push((old.name.text.clone(), Span { since, until: Some(*end) }));
        since = *end;
    }
    names.push((newest.to_owned(), Span { since, until: life.until }));
    names
}

/// The forms of a field that is still there; `life` is that of its variant.
pub(crate) fn slot(
    field: &Field,
    target: usize,
    renamed: &[Renamed],
    clock: &mut Clock,
    life: Span,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<Slot> {
    let since = field.since.unwrap_or(1).max(life.since);
    let life = Span { since, until: life.until };
    let names = names(&field.name, renamed, clock, life, owner, errors);
    let types = types(field, clock, life, owner, errors)?;
    let mut forms = Vec::new();
    for (name, named) in &names {
        for (step, (ty, typed)) in types.iter().enumerate() {
            if let Some(span) = named.and(*typed) {
                let (name, ty) = (name.clone(), (*ty).clone());
                forms.push(Piece { name, span, ty, target: Some(target), step });
            }
        }
    }
    let source = match &field.member {
        syn::Member::Named(ident) => ident.span(),
        syn::Member::Unnamed(_) => syn::spanned::Spanned::span(&field.ty),
    };
    Some(Slot { forms, name: Name { text: field.name.clone(), span: source } })
}

/// The types that a field had, the newest first.
fn types<'a>(
    field: &'a Field,
    clock: &mut Clock,
    life: Span,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<Vec<(&'a Type, Span)>> {
    let (name, since) = (&field.name, life.since);
    let (mut types, mut newer, mut end) = (Vec::new(), &field.ty, life.until);
    for was in &field.was {
        let until = clock.until(&was.until, owner, errors)?;
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
            types.push((newer, Span { since: until, until: end }));
            (newer, end) = (&was.ty, Some(until));
            continue;
        };
        errors.at(&was.until.literal, message);
        return None;
    }
    types.push((newer, Span { since, until: end }));
    Some(types)
}

/// The form of a field that was removed.
pub(crate) fn tombstone(
    gone: RemovedField,
    clock: &mut Clock,
    life: Span,
    owner: &Ident,
    errors: &mut Errors,
) -> Option<Slot> {
    let RemovedField { name, ty, since, until } = gone;
    let span = clock.life(since.as_ref(), &until, owner, errors)?;
    let Some(span) = span.and(life) else {
        errors.at(
            &until.literal,
            format_args!("the variant is there since {}: it had no field before", life.since),
        );
        return None;
    };
    let piece = Piece { name: name.text.clone(), span, ty, target: None, step: 0 };
    Some(Slot { forms: vec![piece], name })
}

/// All forms of all fields. Those of one version stand in that version's order.
pub(crate) fn pieces(
    slots: Vec<Slot>,
    moved: &[Moved],
    clock: &mut Clock,
    life: Span,
    owner: &Ident,
    errors: &mut Errors,
) -> Vec<Piece> {
    for (i, slot) in slots.iter().enumerate() {
        for other in &slots[..i] {
            clash(slot, other, errors);
        }
    }
    let mut moves: Vec<(u32, &Moved)> = Vec::new();
    for moved in moved {
        let Some(until) = clock.until(&moved.until, owner, errors) else { continue };
        if until <= life.since {
            let since = life.since;
            let message = format_args!("the variant is there since {since}: it had no fields before");
            errors.at(&moved.until.literal, message);
        } else if moves.iter().any(|(other, _)| *other == until) {
            errors.at(&moved.until.literal, format_args!("the fields had two orders until {until}"));
        } else {
            moves.push((until, moved));
        }
    }
    moves.sort_by_key(|(until, _)| *until);
    let (mut pieces, mut since) = (Vec::new(), 1);
    for (until, moved) in moves {
        let order = order(&slots, moved, until - 1, errors);
        push(&slots, &order, Span { since, until: Some(until) }, &mut pieces);
        since = until;
    }
    push(&slots, &(0..slots.len()).collect::<Vec<_>>(), Span { since, until: None }, &mut pieces);
    pieces
}

fn push(slots: &[Slot], order: &[usize], epoch: Span, pieces: &mut Vec<Piece>) {
    for index in order {
        for form in &slots[*index].forms {
            pieces.extend(form.span.and(epoch).map(|span| Piece { span, ..form.clone() }));
        }
    }
}

/// Two fields may have the same name, but not at the same time.
fn clash(slot: &Slot, other: &Slot, errors: &mut Errors) {
    for form in &slot.forms {
        let same = |old: &&Piece| old.name == form.name && old.span.overlaps(form.span);
        if let Some(old) = other.forms.iter().find(same) {
            let version = old.span.since.max(form.span.since);
            let message = format!("version {version} has two fields called `{}`", form.name);
            errors.push(syn::Error::new(slot.name.span, message));
            return;
        }
    }
}

/// The slots in the order in which a version had them; those that it did not have follow their neighbours.
fn order(slots: &[Slot], moved: &Moved, version: u32, errors: &mut Errors) -> Vec<usize> {
    let name_in = |slot: &Slot| {
        slot.forms.iter().find(|form| form.span.contains(version)).map(|form| form.name.clone())
    };
    let mut order = Vec::new();
    for name in &moved.names {
        match slots.iter().position(|slot| name_in(slot).as_ref() == Some(&name.text)) {
            Some(index) if order.contains(&index) => {
                errors.push(syn::Error::new(name.span, format_args!("`{}` is named twice", name.text)));
            }
            Some(index) => order.push(index),
            None => {
                let message = format!("version {version} has no field called `{}`", name.text);
                errors.push(syn::Error::new(name.span, message));
            }
        }
    }
    for (index, slot) in slots.iter().enumerate() {
        if order.contains(&index) {
            continue;
        }
        if let Some(name) = name_in(slot) {
            let message = format!(
                "all fields of version {version} have to be named in their order: `{name}` is missing"
            );
            errors.at(&moved.key, message);
        }
        let before = slots[..index].iter().enumerate().rev().map(|(before, _)| before);
        let at = before.into_iter().find_map(|before| order.iter().position(|placed| *placed == before));
        order.insert(at.map_or(0, |at| at + 1), index);
    }
    order
}
