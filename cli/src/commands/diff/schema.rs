//! Differences of what two images declare: their roots, kinds, keys and layouts.

use std::collections::BTreeSet;

use graven_collections::stored::{StoredRoot, StoredStore};
use graven_core::layout::stored::OwnedLayout;

use crate::commands::rows::described;
use crate::failure::Failure;
use crate::input::Input;

/// Returns the names of the roots of both stores, in the order of the newer one, or a single one.
pub(super) fn names(
    old: &StoredStore<Input>,
    new: &StoredStore<Input>,
    only: Option<&str>,
) -> Result<Vec<String>, Failure> {
    let mut seen = BTreeSet::new();
    let all = new.roots().iter().chain(old.roots()).map(|root| root.name().to_owned());
    let all: Vec<String> = all.filter(|name| seen.insert(name.clone())).collect();
    match only {
        None => Ok(all),
        Some(name) if all.iter().any(|known| known == name) => Ok(vec![name.to_owned()]),
        Some(name) => {
            let names = all.join(", ");
            Err(Failure::Words(format!("neither image has a root `{name}`: they have {names}")))
        }
    }
}

/// Returns the differences of two roots of one name in words.
pub(super) fn differences(old: Option<&StoredRoot<Input>>, new: Option<&StoredRoot<Input>>) -> Vec<String> {
    let (old, new) = match (old, new) {
        (None, Some(new)) => return vec![format!("new root: {}", new.declaration())],
        (Some(old), None) => return vec![format!("gone: {}", old.declaration())],
        (None, None) => return Vec::new(),
        (Some(old), Some(new)) => (old, new),
    };
    let mut found = Vec::new();
    if old.kind() != new.kind() {
        found.push(format!("it was a {}, and is a {}", old.kind().name(), new.kind().name()));
    }
    if !is_same(old.stored_key(), new.stored_key()) {
        let key = |root: &StoredRoot<Input>| {
            root.stored_key().map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        found.push(format!("its keys were {}, and are {}", key(old), key(new)));
    }
    let current = |root: &StoredRoot<Input>| {
        let current = root.layouts().iter().zip(&root.stats().layouts).find(|(_, stats)| stats.current);
        current.map(|((_, layout), _)| layout.clone())
    };
    let (was, is) = (current(old), current(new));
    if !is_same(was.as_ref(), is.as_ref()) {
        found.push(match (was, is) {
            (Some(was), Some(is)) if old.kind().is_index() => {
                let words = |layout: &OwnedLayout| match layout {
                    OwnedLayout::Struct { fields, .. } => {
                        fields.first().map_or_else(String::new, |field| field.name.clone())
                    }
                    other => other.to_string(),
                };
                format!("it was by `{}`, and is by `{}`", words(&was), words(&is))
            }
            (Some(was), Some(is)) => {
                format!("its values were {}, and are {}", described(&was), described(&is))
            }
            _ => "the layout of its values".to_owned(),
        });
    }
    found
}

fn is_same(old: Option<&OwnedLayout>, new: Option<&OwnedLayout>) -> bool {
    old.map(OwnedLayout::fingerprint) == new.map(OwnedLayout::fingerprint)
}
