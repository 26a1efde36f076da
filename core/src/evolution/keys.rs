//! Problems of keys: keys do not migrate in place, so every difference is a problem.

use super::Rule;
use crate::layout::stored::{OwnedField, OwnedLayout, OwnedVariant};

/// Returns the rule and a description of the difference between a stored key and the code's key.
#[must_use]
pub fn key_problem(was: &OwnedLayout, is: &OwnedLayout) -> (Rule, String) {
    difference(was, is, "its key")
        .unwrap_or_else(|| (Rule::KeyChanged, format!("the layout of its key `{was}` differs")))
}

/// Returns the first difference, from the outside inwards.
fn difference(was: &OwnedLayout, is: &OwnedLayout, subject: &str) -> Option<(Rule, String)> {
    match (was, is) {
        _ if was == is => None,
        (OwnedLayout::Reverse(a), OwnedLayout::Reverse(b)) => difference(a, b, subject),
        (OwnedLayout::Reverse(_), _) | (_, OwnedLayout::Reverse(_)) => {
            Some((Rule::KeyReversed, format!("{subject} was `{was}` and is `{is}`")))
        }
        (OwnedLayout::Tuple(a), OwnedLayout::Tuple(b)) if a.len() == b.len() => {
            let mut parts = a.iter().zip(b).enumerate();
            parts.find_map(|(i, (a, b))| difference(a, b, &format!("part {i} of {subject}")))
        }
        (OwnedLayout::Tuple(a), OwnedLayout::Tuple(b)) => {
            let rule = if a.len() < b.len() { Rule::KeyPartAdded } else { Rule::KeyPartRemoved };
            Some((rule, format!("{subject} was `{was}` and is `{is}`")))
        }
        (OwnedLayout::Struct { name, fields: a, .. }, OwnedLayout::Struct { fields: b, .. }) => {
            parts(name, a, b)
        }
        (OwnedLayout::Enum { name, variants: a, .. }, OwnedLayout::Enum { variants: b, .. }) => {
            variants(name, a, b)
        }
        _ => Some((Rule::KeyChanged, format!("{subject} was `{was}` and is `{is}`"))),
    }
}

fn parts(name: &str, was: &[OwnedField], is: &[OwnedField]) -> Option<(Rule, String)> {
    let lacks = |fields: &[OwnedField], name: &str| fields.iter().all(|field| field.name != name);
    let gone: Vec<&OwnedField> = was.iter().filter(|field| lacks(is, &field.name)).collect();
    let new: Vec<&OwnedField> = is.iter().filter(|field| lacks(was, &field.name)).collect();
    match (gone.as_slice(), new.as_slice()) {
        ([], []) if was.iter().map(|field| &field.name).eq(is.iter().map(|field| &field.name)) => {
            let mut pairs = was.iter().zip(is);
            pairs.find_map(|(a, b)| difference(&a.layout, &b.layout, &format!("`{}` of `{name}`", a.name)))
        }
        ([], []) => {
            let order = was.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join("`, `");
            Some((Rule::KeyPartMoved, format!("the parts of `{name}` had the order `{order}`")))
        }
        ([old], [new]) if old.layout == new.layout => {
            let words = format!("`{}` of `{name}` is now called `{}`", old.name, new.name);
            Some((Rule::KeyPartRenamed, words))
        }
        ([], [new, ..]) => {
            Some((Rule::KeyPartAdded, format!("`{}: {}` was added to `{name}`", new.name, new.layout)))
        }
        ([old, ..], _) => {
            Some((Rule::KeyPartRemoved, format!("`{}: {}` of `{name}` is gone", old.name, old.layout)))
        }
    }
}

fn variants(name: &str, was: &[OwnedVariant], is: &[OwnedVariant]) -> Option<(Rule, String)> {
    let changed = |words: String| Some((Rule::KeyVariantChanged, words));
    for old in was {
        match is.iter().find(|new| new.tag == old.tag) {
            None => return changed(format!("variant `{}` of `{name}` is gone", old.name)),
            Some(new) if new.name != old.name => {
                let (tag, was, is) = (old.tag, &old.name, &new.name);
                return changed(format!("tag {tag} of `{name}` was `{was}` and is `{is}`"));
            }
            Some(new) => {
                if let Some(found) = parts(&format!("{name}::{}", old.name), &old.fields, &new.fields) {
                    return Some(found);
                }
            }
        }
    }
    let new = is.iter().find(|new| was.iter().all(|old| old.tag != new.tag))?;
    changed(format!("variant `{}` was added to `{name}`", new.name))
}
