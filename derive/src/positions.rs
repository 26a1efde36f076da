//! The positions of fields in tuples. They are the names of these fields, so each version has to
//! count them from 0 on.

use crate::errors::Errors;
use crate::forms::FieldSlot;
use crate::input::FieldForm;
use crate::past::Moved;
use crate::timeline::{VersionRange, VersionTracker};

/// Reports fields that no tuple can have had. `orders` are the orders until each of `moves`, and
/// the last one.
pub(crate) fn check(
    slots: &[FieldSlot],
    orders: &[Vec<usize>],
    moves: &[(u32, &Moved)],
    tracker: &VersionTracker,
    life: VersionRange,
    errors: &mut Errors,
) {
    let forms = || slots.iter().flat_map(|slot| &slot.forms);
    let ends = forms().flat_map(|form| [Some(form.span.since), form.span.until]).flatten();
    let mut versions: Vec<u32> = ends.chain(moves.iter().map(|(until, _)| *until)).collect();
    // `previous` describes the versions before these.
    versions.extend(Some(life.since).filter(|_| !tracker.inherits));
    versions.retain(|version| *version >= life.since && !(tracker.inherits && *version == 1));
    versions.sort_unstable();
    versions.dedup();
    for (at, version) in versions.iter().enumerate() {
        let order = &orders[moves.iter().take_while(|(until, _)| until <= version).count()];
        let fields: Vec<&FieldSlot> = order.iter().map(|index| &slots[*index]).collect();
        if one(&fields, *version, versions.get(at + 1).copied(), errors) {
            return;
        }
    }
}

/// Checks one version. `next` is the first version that differs from it. Returns `true` if there
/// was an error.
fn one(slots: &[&FieldSlot], version: u32, next: Option<u32>, errors: &mut Errors) -> bool {
    let there = slots.iter().filter_map(|slot| Some((*slot, slot.form_in(version)?)));
    let there: Vec<(&FieldSlot, &FieldForm)> = there.collect();
    let is_position = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let positions = there.iter().filter(|(_, form)| is_position(&form.name)).count();
    if positions == 0 {
        return false;
    }
    if positions < there.len() {
        let name = |position: bool| there.iter().find(|(_, form)| is_position(&form.name) == position);
        let (Some((_, number)), Some((_, word))) = (name(true), name(false)) else { return false };
        let past = there.iter().find(|(slot, form)| form.target.is_none() || form.name != slot.name.text);
        let place = past.or(there.first()).map(|(slot, _)| slot.name.span);
        let message = format!(
            "version {version} has a field called `{}` and one at position `{}`: call them all by their names, or all \
             by their positions",
            word.name, number.name
        );
        errors.push(syn::Error::new(place.unwrap_or_else(proc_macro2::Span::call_site), message));
        return true;
    }
    for (position, (slot, form)) in there.iter().enumerate() {
        if form.name == position.to_string() {
            continue;
        }
        let newest = form.target.is_some() && form.name == slot.name.text;
        let fix = match next {
            Some(next) if newest => format!("add `renamed({position}, until = {next})`"),
            _ => format!("call it `{position}`"),
        };
        let message =
            format!("field `{}` stood at position {position} in version {version}: {fix}", form.name);
        errors.push(syn::Error::new(slot.name.span, message));
        return true;
    }
    false
}
