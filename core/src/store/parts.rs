//! The roots of a store in one list: each collection's own, followed by those of its parts, whose
//! names begin with that of the collection: `users`, `users.email`, `users.name`. The compiler
//! builds the list.

#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "constant evaluation has no iterators, and an overflow there is a compile error"
)]

use super::RootSpec;

/// A collection's own root, and its parts.
pub type WithParts = (RootSpec, &'static [RootSpec]);

/// Returns the number of roots.
#[must_use]
pub const fn count(collections: &[WithParts]) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < collections.len() {
        count += 1 + collections[i].1.len();
        i += 1;
    }
    count
}

/// Returns the number of bytes of the names of all parts.
#[must_use]
pub const fn names_len(collections: &[WithParts]) -> usize {
    let (mut len, mut i) = (0, 0);
    while i < collections.len() {
        let (root, parts) = collections[i];
        let mut j = 0;
        while j < parts.len() {
            len += root.name.len() + 1 + parts[j].name.len();
            j += 1;
        }
        i += 1;
    }
    len
}

/// Returns the names of all parts, one after another. `N` is [`names_len`].
#[must_use]
pub const fn names<const N: usize>(collections: &[WithParts]) -> [u8; N] {
    let (mut names, mut at, mut i) = ([0; N], 0, 0);
    while i < collections.len() {
        let (root, parts) = collections[i];
        let mut j = 0;
        while j < parts.len() {
            at = write(&mut names, at, root.name.as_bytes());
            at = write(&mut names, at, b".");
            at = write(&mut names, at, parts[j].name.as_bytes());
            j += 1;
        }
        i += 1;
    }
    names
}

const fn write(names: &mut [u8], mut at: usize, name: &[u8]) -> usize {
    let mut i = 0;
    while i < name.len() {
        names[at] = name[i];
        (at, i) = (at + 1, i + 1);
    }
    at
}

/// Returns all roots. `N` is their [`count`], and `names` the [`names`] of their parts.
#[must_use]
pub const fn flat<const N: usize>(collections: &[WithParts], names: &'static [u8]) -> [RootSpec; N] {
    let mut roots = [collections[0].0; N];
    let (mut at, mut rest, mut i) = (0, names, 0);
    while i < collections.len() {
        let (root, parts) = collections[i];
        roots[at] = root;
        at += 1;
        let mut j = 0;
        while j < parts.len() {
            let (name, after) = rest.split_at(root.name.len() + 1 + parts[j].name.len());
            roots[at] = parts[j].named(text(name));
            (at, rest, j) = (at + 1, after, j + 1);
        }
        i += 1;
    }
    roots
}

#[expect(clippy::panic, reason = "both halves of a name are text")]
const fn text(name: &'static [u8]) -> &'static str {
    match core::str::from_utf8(name) {
        Ok(name) => name,
        Err(_) => panic!("a name is text"),
    }
}

/// Returns `true` if a root is an index of a table.
pub(super) fn is_index_of(index: &RootSpec, table: &RootSpec) -> bool {
    let rest = index.name.strip_prefix(table.name);
    index.kind.is_index() && rest.is_some_and(|rest| rest.starts_with('.'))
}
