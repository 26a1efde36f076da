//! The key of a table's rows. A row stays under the key that it was stored with, so code may read
//! the key from a field only if that field still has the value.

use super::RootSpec;
use super::catalog::StoredRoot;
use super::registry::Registry;
use crate::error::Result;
use crate::evolution::{Check, Conversion, Plan, RecordPlan, Rule};
use crate::layout::stored::{OwnedField, OwnedLayout};
use crate::page::LayoutId;

/// The origin of a field's values in stored records.
enum Origin<'a> {
    /// They are those of the field with this name.
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
    let Some((declared, _)) = spec.key else { return Ok(()) };
    let (was, is) = (registry.layout(root.header.key_layout.get())?, OwnedLayout::from(declared));
    let current = OwnedLayout::from(spec.value);
    let stored = match plan {
        Some(_) => registry.layout(root.current().layout.get())?,
        None => current.clone(),
    };
    for (was, is) in fields(&was).iter().zip(fields(&is)) {
        let has_field = fields(&stored).iter().any(|field| field.name == was.name);
        let origin = origin(&is.name, plan, fields(&stored), fields(&current));
        let what = match origin {
            Origin::Field(name) if name == was.name => continue,
            Origin::Field(_) if was.name != is.name && !has_field => continue,
            Origin::Unknown if was.name == is.name => continue,
            Origin::Field(name) if name != is.name => {
                format!("`{}` has the values of `{name}`, and the key was `{}`", is.name, was.name)
            }
            Origin::Converted => format!("the key `{}` is converted", is.name),
            Origin::Missing => format!("the key `{}` is new", is.name),
            Origin::Field(_) | Origin::Unknown => {
                format!("the key was `{}` and is `{}`", was.name, is.name)
            }
        };
        let fix = format!(
            "let the field that was `{}` be the key, with the values that it had, or copy the rows to a new table",
            was.name
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

fn fields(layout: &OwnedLayout) -> &[OwnedField] {
    match layout {
        OwnedLayout::Struct { fields, .. } => fields,
        _ => &[],
    }
}

/// Returns the origin of a field of the current layout in records of the stored one.
fn origin<'a>(
    name: &'a str,
    plan: Option<&Plan>,
    stored: &'a [OwnedField],
    current: &[OwnedField],
) -> Origin<'a> {
    match plan.map(|plan| &plan.conversion) {
        None | Some(Conversion::Identity) => Origin::Field(name),
        Some(Conversion::Struct(record)) => origin_in(record, name, stored, current),
        _ => Origin::Unknown,
    }
}

fn origin_in<'a>(
    record: &RecordPlan,
    name: &str,
    stored: &'a [OwnedField],
    current: &[OwnedField],
) -> Origin<'a> {
    let Some(position) = current.iter().position(|field| field.name == name) else { return Origin::Unknown };
    // The plan ends with the last field that the stored records have.
    let Some(Some(field)) = record.fields.get(position) else { return Origin::Missing };
    if field.step > 0 || !field.plan.is_identity() {
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
