//! Everything in a memory, decoded: section 1's "to list everything", and the checks of section 13.

use super::extents;
use super::key::decode_key;
use super::memory::{Memory, Use};
use super::registry::{Layout, layouts};
use super::roots::{Collection, Root, cell, roots};
use super::tree::entries;
use super::value::{Value, decode};

pub struct Contents<'a> {
    pub memory: Memory<'a>,
    pub layouts: Vec<Layout>,
    pub roots: Vec<Listed>,
    /// Trees in the list of dead ones.
    pub dead_trees: usize,
}

/// A root with what is in it.
pub struct Listed {
    pub root: Root,
    pub records: Vec<Record>,
}

/// An entry of a map, or the value of a Cell, which has no key.
pub struct Record {
    pub key: Option<Value>,
    pub value: Value,
    /// The index of the value's layout.
    pub layout: u16,
    pub chained: bool,
}

impl<'a> Contents<'a> {
    /// Decodes all of a memory, every page of which must have one use.
    pub fn of(bytes: &'a [u8]) -> Self {
        let memory = Memory::new(bytes);
        let layouts = layouts(&memory);
        let roots = roots(&memory, &layouts);
        let list = |root| Listed { records: records(&memory, &root, &layouts), root };
        let roots = roots.into_iter().map(list).collect();
        extents::free(&memory);
        let dead_trees = extents::dead(&memory);
        memory.all_pages_have_a_use();
        Self { memory, layouts, roots, dead_trees }
    }

    /// How many pages have the given use.
    pub fn pages(&self, used: Use) -> usize {
        self.memory.count(used)
    }

    /// How many records stand in the newest layout of their root, and how many in older ones.
    pub fn newest_and_older(&self) -> (usize, usize) {
        let newest = |listed: &Listed| {
            let newest = listed.root.newest_layout();
            listed.records.iter().filter(|record| record.layout == newest).count()
        };
        let newest: usize = self.roots.iter().map(newest).sum();
        let all: usize = self.roots.iter().map(|listed| listed.records.len()).sum();
        (newest, all - newest)
    }
}

fn records(memory: &Memory, root: &Root, layouts: &[Layout]) -> Vec<Record> {
    let of = |layout: u16| &layouts[usize::from(layout)].of;
    match (root.collection, root.key_layout) {
        (Collection::BTreeMap, Some(key)) => entries(memory, root, layouts)
            .into_iter()
            .map(|entry| Record {
                key: Some(decode_key(of(key), &entry.key)),
                value: decode(of(entry.layout), &entry.value),
                layout: entry.layout,
                chained: entry.chained,
            })
            .collect(),
        _ => cell(memory, root)
            .into_iter()
            .map(|(layout, value)| Record {
                key: None,
                value: decode(of(layout), &value),
                layout,
                chained: true,
            })
            .collect(),
    }
}
