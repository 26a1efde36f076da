//! Chooses the index of a slot in a release. The numbers are the same in all releases of an era, so
//! the index is as well, as long as the rows have its field.

use super::{Function, Index, Slot, Source};
use crate::body::{Field, Record};
use crate::history::At;
use crate::rng::Rng;
use crate::ty::Ty;

/// Returns the index of a slot, or `None` if there is none.
pub(super) fn index(at: At<'_>, record: &Record, slot: Slot, mut rng: Rng) -> Option<Index> {
    // All numbers are drawn first, so that a field that goes changes no other choice.
    let (is_absent, is_field, has_condition) =
        (rng.once_in(4), rng.once_in(2), rng.once_in(3) && !matches!(slot, Slot::Unique));
    let function = function(slot, &mut rng);
    let condition = Function { salt: rng.any(), modulus: 4 };
    let order = rng.any();
    if is_absent && !matches!(slot, Slot::First | Slot::Parent | Slot::Itself) {
        return None;
    }
    let all = fields(at, record, slot, order);
    let first = |fits: &dyn Fn(&Ty) -> bool| all.iter().find(|(_, field)| fits(&field.ty)).cloned();
    let own = match slot {
        Slot::First | Slot::Second | Slot::Covering => first(&Ty::is_key),
        Slot::Unique | Slot::AtUpgrade if is_field => first(&has_many_keys),
        Slot::Each => first(&has_several_keys),
        _ => None,
    };
    let (source, (name, field)) = match (own, slot) {
        (Some(own), Slot::Each) => (Source::Each, own),
        (Some(own), _) => (Source::Field, own),
        (None, Slot::Each) => return None,
        (None, _) => (Source::By(function), first(&has_many)?),
    };
    let only = if has_condition && !slot.is_reference() {
        first(&is_closed).map(|(_, field)| (field, condition))
    } else {
        None
    };
    let included = match slot {
        Slot::Covering => Some(all.iter().rev().find(|(_, field)| field.ty.is_key())?.1.clone()),
        _ => None,
    };
    let name = match source {
        Source::By(_) => format!("by {}", slot as usize),
        _ => name,
    };
    let mut index = Index { slot, name, definition: String::new(), source, field, only, included };
    index.definition = definition(&index);
    Some(index)
}

/// Returns the fields in the order in which they are preferred: those first whose name is that of
/// another field with the same type in another release, so that an index may become that of another
/// field.
fn fields(at: At<'_>, record: &Record, slot: Slot, order: u64) -> Vec<(String, Field)> {
    let history = at.history;
    let named = |record: &Record| -> Vec<(String, Field)> {
        record.fields.iter().enumerate().map(|(at, field)| (record.name(at), field.clone())).collect()
    };
    let others = (0..history.releases()).filter_map(|release| history.at(release).body(0).record(None));
    let others: Vec<(String, Field)> = others.flat_map(named).collect();
    let is_taken_over = |(name, field): &(String, Field)| {
        matches!(slot, Slot::First | Slot::Second)
            && others.iter().any(|(other, of)| other == name && of.id != field.id && of.ty == field.ty)
    };
    let mut all = named(record);
    all.sort_by_key(|named| (!is_taken_over(named), Rng::new(order ^ u64::from(named.1.id)).any()));
    all
}

/// Returns a function of the slot. The more values it has, the rarer are two rows with the same.
fn function(slot: Slot, rng: &mut Rng) -> Function {
    let salt = rng.any();
    let modulus = match slot {
        Slot::Unique => [300, 3_000, 30_000][rng.index(3)],
        Slot::AtUpgrade => [3_000, 30_000, 300_000][rng.index(3)],
        Slot::Parent => 32,
        Slot::Itself => 64,
        _ => 50,
    };
    Function { salt, modulus }
}

/// Says in words how the values follow from a row, as a user's declaration does.
fn definition(index: &Index) -> String {
    let version = |field: &Field, function: &Function| {
        format!("{} {} of {}", function.salt, field.id, function.modulus)
    };
    let mut words = match &index.source {
        Source::Field => index.name.clone(),
        Source::Each => format!("each {}", index.name),
        Source::By(function) => format!("{} version {}", index.name, version(&index.field, function)),
    };
    if let Some((field, condition)) = &index.only {
        words = format!("{words} where {}", version(field, condition));
    }
    if index.slot.is_reference() {
        words.push_str(" references");
    }
    words
}

/// Returns `true` if no derived type is in a type. The encoding of one that is may change, and with
/// it the value of a function.
fn is_closed(ty: &Ty) -> bool {
    match ty {
        Ty::Named(..) | Ty::Param => false,
        Ty::Opt(ty) | Ty::List(ty) | Ty::Array(ty, _) | Ty::Boxed(ty) => is_closed(ty),
        Ty::Pair(a, b) | Ty::Res(a, b) => is_closed(a) && is_closed(b),
        _ => true,
    }
}

/// Returns `true` if a function has many values of a type.
fn has_many(ty: &Ty) -> bool {
    is_closed(ty) && !matches!(ty, Ty::Bool | Ty::Char | Ty::Text(_) | Ty::Uint(8) | Ty::Int(8))
}

/// Returns `true` if a record has a field that can say to which row it refers.
pub(super) fn can_refer(record: &Record) -> bool {
    record.fields.iter().any(|field| has_many(&field.ty))
}

/// Returns `true` if values are keys, and two random ones are hardly ever the same.
fn has_many_keys(ty: &Ty) -> bool {
    ty.is_key() && matches!(ty, Ty::Uint(16..) | Ty::Int(16..) | Ty::Blob(2..))
}

fn has_several_keys(ty: &Ty) -> bool {
    match ty {
        Ty::Bytes => true,
        Ty::List(ty) | Ty::Opt(ty) => ty.is_key(),
        _ => false,
    }
}
