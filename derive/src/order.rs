//! The order of fields in each version: the declaration's, or that of `moved`.

use syn::Ident;

use crate::errors::Errors;
use crate::forms::FieldSlot;
use crate::input::FieldForm;
use crate::past::Moved;
use crate::positions;
use crate::timeline::{VersionRange, VersionTracker};

/// Returns all forms of all fields. The forms of one version are in the order of that version.
pub(crate) fn forms(
    slots: Vec<FieldSlot>,
    moved: &[Moved],
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Vec<FieldForm> {
    for (i, slot) in slots.iter().enumerate() {
        for other in &slots[..i] {
            clash(slot, other, errors);
        }
    }
    let moves = moves(moved, tracker, life, owner, errors);
    let mut orders: Vec<Vec<usize>> = Vec::new();
    for (until, moved) in &moves {
        orders.push(order(&slots, moved, until - 1, errors));
    }
    orders.push((0..slots.len()).collect());
    if errors.is_empty() {
        idle(&slots, &moves, &orders, errors);
        positions::check(&slots, &orders, &moves, tracker, life, errors);
    }
    let (mut forms, mut since) = (Vec::new(), 1);
    let ends = moves.iter().map(|(until, _)| Some(*until)).chain([None]);
    for (until, order) in ends.zip(&orders) {
        push(&slots, order, VersionRange { since, until }, &mut forms);
        since = until.unwrap_or(since);
    }
    forms
}

/// Returns the orders of `moved`, the earliest first, each with the version that ended it.
fn moves<'a>(
    moved: &'a [Moved],
    tracker: &mut VersionTracker,
    life: VersionRange,
    owner: &Ident,
    errors: &mut Errors,
) -> Vec<(u32, &'a Moved)> {
    let mut moves: Vec<(u32, &Moved)> = Vec::new();
    for moved in moved {
        let Some(until) = tracker.until(&moved.until, owner, errors) else { continue };
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
    moves
}

fn push(slots: &[FieldSlot], order: &[usize], epoch: VersionRange, forms: &mut Vec<FieldForm>) {
    for index in order {
        for form in &slots[*index].forms {
            forms.extend(form.span.and(epoch).map(|span| FieldForm { span, ..form.clone() }));
        }
    }
}

/// Reports two fields that have one name in one version.
fn clash(slot: &FieldSlot, other: &FieldSlot, errors: &mut Errors) {
    for form in &slot.forms {
        let same = |old: &&FieldForm| old.name == form.name && old.span.overlaps(form.span);
        if let Some(old) = other.forms.iter().find(same) {
            let version = old.span.since.max(form.span.since);
            let message = format!("version {version} has two fields called `{}`", form.name);
            errors.push(syn::Error::new(slot.name.span, message));
            return;
        }
    }
}

/// Returns the indices of the slots in the order of a version. A slot that the version did not have
/// stays before the slot that follows it in the declaration.
fn order(slots: &[FieldSlot], moved: &Moved, version: u32, errors: &mut Errors) -> Vec<usize> {
    let mut order = Vec::new();
    for name in &moved.names {
        match slots.iter().position(|slot| slot.name_in(version) == Some(&name.text)) {
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
    for (index, slot) in slots.iter().enumerate().rev() {
        if order.contains(&index) {
            continue;
        }
        if let Some(name) = slot.name_in(version) {
            let message = format!(
                "all fields of version {version} have to be named in their order: `{name}` is missing"
            );
            errors.at(&moved.key, message);
        }
        let at = order.iter().position(|placed| *placed == index + 1);
        order.insert(at.unwrap_or(order.len()), index);
    }
    order
}

/// Reports a `moved` that moves nothing.
fn idle(slots: &[FieldSlot], moves: &[(u32, &Moved)], orders: &[Vec<usize>], errors: &mut Errors) {
    for ((until, moved), pair) in moves.iter().zip(orders.windows(2)) {
        let there = |index: &&usize| slots[**index].name_in(until - 1).is_some();
        if pair[0].iter().filter(there).eq(pair[1].iter().filter(there)) {
            let message =
                format!("the fields stood in this order before and after version {until}: leave this out");
            errors.at(&moved.key, message);
        }
    }
}
