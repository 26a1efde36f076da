//! The key of a table's rows. A row stays under the key that it was stored with, so code may read
//! the key from a field only if that field still has the value.

use super::RootSpec;
use super::catalog::StoredRoot;
use super::registry::Registry;
use crate::error::Result;
use crate::evolution::{Check, Conversion, FieldPlan, Plan, RecordPlan, Rule};
use crate::layout::stored::{OwnedField, OwnedLayout};
use crate::layout::{Field, Layout};
use crate::page::LayoutId;

/// The origin of a field's values in stored records.
enum Origin<'a> {
    /// The field with this name has them.
    Field(&'a str),
    /// A function of the user makes them.
    Converted,
    /// The stored records do not have them.
    Missing,
    /// A conversion of the user makes whole records.
    Unknown,
}

/// Returns `true` if the keys of stored rows have the types that the code declares, in the same
/// order.
pub(super) fn has_same_types(spec: &RootSpec, root: &StoredRoot, registry: &Registry) -> Result<bool> {
    let (Some((declared, _)), false) = (spec.key, root.header.key_layout.get() == LayoutId::NONE) else {
        return Ok(false);
    };
    let (was, is) = (registry.layout(root.header.key_layout.get())?, OwnedLayout::from(declared));
    let (was, is) = (fields(&was), fields(&is));
    Ok(!is.is_empty() && was.len() == is.len() && was.iter().zip(is).all(|(was, is)| was.layout == is.layout))
}

/// Reports each field of the key whose values are not those that the stored rows had as their keys.
/// `plan` reads the layout in which the last code wrote rows, or is `None` if the code knows that
/// layout as its own, or does not know it because a release is taken back.
pub(super) fn check_key(
    check: &mut Check,
    spec: &RootSpec,
    root: &StoredRoot,
    registry: &Registry,
    plan: Option<&Plan>,
) -> Result<()> {
    let (Some((Layout::Struct { fields: key, .. }, fingerprint)), Layout::Struct { fields: current, .. }) =
        (spec.key, spec.value)
    else {
        return Ok(());
    };
    let has_same_names = root.header.key_fingerprint == fingerprint.0;
    let is_kept = |record: &RecordPlan| {
        let mut fields = key.iter().map(|is| plan_of(record, is.name, current));
        record.keeps_names && fields.all(|field| field.is_some_and(is_unconverted))
    };
    let is_kept = match plan.map(|plan| &plan.conversion) {
        Some(Conversion::Struct(record)) => is_kept(record),
        // The names say all that is known.
        _ => true,
    };
    if has_same_names && is_kept {
        return Ok(());
    }
    // Layouts are read from the registry only where they may differ: that takes most of the time.
    let was = if has_same_names { None } else { Some(registry.layout(root.header.key_layout.get())?) };
    let stored = plan.map(|_| registry.layout(root.current().layout.get())).transpose()?;
    for (at, is) in key.iter().enumerate() {
        let was = was.as_ref().and_then(|was| fields(was).get(at)).map_or(is.name, |was| was.name.as_str());
        let has_field = match &stored {
            Some(stored) => fields(stored).iter().any(|field| field.name == was),
            None => current.iter().any(|field| field.name == was),
        };
        let origin = origin(is.name, plan, stored.as_ref().map_or(&[], fields), current);
        let what = match origin {
            Origin::Field(name) if name == was => continue,
            Origin::Field(_) if was != is.name && !has_field => continue,
            Origin::Unknown if was == is.name => continue,
            Origin::Field(name) if name != is.name => {
                format!("`{}` has the values of `{name}`, and the key was `{was}`", is.name)
            }
            Origin::Converted => format!("the key `{}` is converted", is.name),
            Origin::Missing => format!("the key `{}` is new", is.name),
            Origin::Field(_) | Origin::Unknown => format!("the key was `{was}` and is `{}`", is.name),
        };
        let fix = format!(
            "let the field that was `{was}` be the key, with the values that it had, or copy the rows to a new table"
        );
        check.problem(
            Rule::KeyFieldChanged,
            what,
            "rows stay under the keys that they were stored with",
            fix,
        );
    }
    Ok(())
}

/// Returns the plan of a field of the current layout, if stored records have it.
fn plan_of<'p>(record: &'p RecordPlan, name: &str, current: &[Field]) -> Option<&'p FieldPlan> {
    let position = current.iter().position(|field| field.name == name)?;
    // The plans end with the last field that the stored records have.
    record.fields.get(position)?.as_ref()
}

fn is_unconverted(field: &FieldPlan) -> bool {
    field.step == 0 && field.plan.is_identity()
}

fn fields(layout: &OwnedLayout) -> &[OwnedField] {
    match layout {
        OwnedLayout::Struct { fields, .. } => fields,
        _ => &[],
    }
}

/// Returns the origin of a field of the current layout in records of the stored one.
fn origin<'a>(name: &'a str, plan: Option<&Plan>, stored: &'a [OwnedField], current: &[Field]) -> Origin<'a> {
    match plan.map(|plan| &plan.conversion) {
        None | Some(Conversion::Identity) => Origin::Field(name),
        Some(Conversion::Struct(record)) => origin_in(record, name, stored, current),
        _ => Origin::Unknown,
    }
}

fn origin_in<'a>(record: &RecordPlan, name: &str, stored: &'a [OwnedField], current: &[Field]) -> Origin<'a> {
    let Some(field) = plan_of(record, name, current) else { return Origin::Missing };
    if !is_unconverted(field) {
        return Origin::Converted;
    }
    let mut at = 0_usize;
    for known in stored {
        let size = known.layout.size();
        // Fields without bytes are where the next one is.
        if at == field.at && size != Some(0) {
            return Origin::Field(&known.name);
        }
        at = at.saturating_add(size.unwrap_or(4));
    }
    Origin::Unknown
}
