//! The plan of a question: the entries that it would read, in words and with estimates.

use std::fmt;
use std::ops::Bound;

use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::table::Record;
use crate::table::combine::Combined;
use crate::table::condition::{Narrowed, Node, source_of_all};
use crate::table::index::IndexTree;
use crate::table::query::Query;

/// The plan of a question. It prints a line for each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    lines: Vec<(usize, String)>,
    entries: u64,
}

impl Explain {
    /// Returns about how many entries of indexes would be read, without those that are skipped.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (depth, line)) in self.lines.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{:1$}{line}", "", depth.saturating_mul(2))?;
        }
        Ok(())
    }
}

impl<R: Record, I, M: Memory> Query<'_, R, I, M> {
    /// Returns what the question would read. Estimates the entries from the path to both ends of
    /// the range, so it costs two look-ups at most.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: the plan of a prefix
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct User {
    ///     #[table(key)]
    ///     id: u64,
    ///     #[table(index)]
    ///     name: String,
    /// }
    ///
    /// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// for id in 0..20 {
    ///     users.insert(User { id, name: format!("user {id}") }).unwrap();
    /// }
    /// let plan = users.by(User::BY_NAME).prefix("user 1").explain().unwrap();
    /// assert_eq!(plan.to_string(), "range of `users.name`: about 11 of 20 entries");
    /// ```
    pub fn explain(&self) -> Result<Explain> {
        let (entries, line) = line(self.index, &self.range, self.is_equal)?;
        Ok(Explain { lines: vec![(0, line)], entries })
    }
}

impl<R: Record, M: Memory> Combined<'_, R, M> {
    /// Returns what the question would read, as [`Query::explain`] does.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn explain(&self) -> Result<Explain> {
        let mut lines = Vec::new();
        if !self.node.needs_scan() {
            let entries = describe(&self.node, 0, false, &mut lines)?;
            return Ok(Explain { lines, entries });
        }
        let (root, rows) = (self.body.root(), self.body.rows.len());
        lines.push((0, format!("all {rows} rows of `{}`", root.name())));
        describe(&self.node, 1, true, &mut lines)?;
        Ok(Explain { lines, entries: rows })
    }
}

/// Adds the lines of a condition. Returns about how many entries or rows would be read.
fn describe<R: Record, M: Memory>(
    node: &Node<'_, R, M>,
    depth: usize,
    is_checked: bool,
    lines: &mut Vec<(usize, String)>,
) -> Result<u64> {
    let (parts, words) = match node {
        Node::Index(Narrowed { index, range, is_equal, is_complete, .. }) => {
            let (entries, line) = match is_complete {
                true => line(index, range, *is_equal)?,
                false => (0, format!("`{}`, which is not complete", index.tree.root().name())),
            };
            lines.push((depth, if is_checked { format!("{line}, checked on each row") } else { line }));
            return Ok(if is_checked { 0 } else { entries });
        }
        Node::Check(_) => {
            lines.push((depth, "a filter, checked on each row".to_owned()));
            return Ok(0);
        }
        Node::Every => return Ok(0),
        Node::All(parts) => (parts, "all of"),
        Node::Any(parts) => (parts, "any of"),
    };
    let order = match (is_checked, node.is_ordered()) {
        (true, _) => ", checked on each row",
        (false, true) => ", by ascending keys",
        (false, false) => ", one after the other",
    };
    lines.push((depth, format!("{words}{order}")));
    let mut entries = 0_u64;
    for (at, part) in parts.iter().enumerate() {
        let is_source = match node {
            // Without an ordered part, one of the others is read.
            Node::All(_) if node.is_ordered() => part.is_ordered(),
            Node::All(parts) => at == source_of_all(parts),
            _ => true,
        };
        let read = describe(part, depth.saturating_add(1), is_checked || !is_source, lines)?;
        entries = entries.saturating_add(read);
    }
    Ok(entries)
}

fn line<M: Memory>(index: &IndexTree<M>, range: &KeyRange, is_equal: bool) -> Result<(u64, String)> {
    let root = index.tree.root();
    let (all, entries) = (root.state().len.get(), estimate(index, range)?);
    let kind = match range {
        (Bound::Unbounded, Bound::Unbounded) => "all",
        _ if is_equal => "value",
        _ => "range",
    };
    Ok((entries, format!("{kind} of `{}`: about {entries} of {all} entries", root.name())))
}

/// Returns about how many entries a range has.
fn estimate<M: Memory>(index: &IndexTree<M>, (start, end): &KeyRange) -> Result<u64> {
    let below = |bound: &Bound<_>, is_after: bool, default: u64| match bound {
        Bound::Unbounded => Ok(default),
        Bound::Included(key) | Bound::Excluded(key) => {
            let key: &graven_core::key::KeyBuf = key;
            Ok::<u64, graven_core::Error>(
                index.tree.estimate_below(key.as_slice())?.saturating_add(u64::from(is_after)),
            )
        }
    };
    let len = index.tree.root().state().len.get();
    let first = below(start, matches!(start, Bound::Excluded(_)), 0)?;
    let last = below(end, matches!(end, Bound::Included(_)), len)?;
    Ok(last.saturating_sub(first))
}
