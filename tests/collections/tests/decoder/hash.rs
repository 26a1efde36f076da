//! HashMaps and HashSets: section 9.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::extents::chain;
use super::memory::{Kind, Memory, Use};
use super::node::{Cell, Node, Sizes, Table};
use super::roots::Root;
use super::tree::{Entry, Form};

/// Entries of a branch.
const FAN: u32 = 677;

/// The hash of an encoded key.
pub fn hash(seed: u64, key: &[u8]) -> u64 {
    let mut state = seed ^ (key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for bytes in key.chunks(8) {
        state ^= Reader::new(bytes).little(bytes.len()) as u64;
        state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state ^= state >> 27;
    }
    state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}

/// The seed of a map's hash.
pub fn seed(root: &Root) -> u64 {
    let mut extra = Reader::new(&root.extra);
    let (seed, _buckets, seeded) = (extra.u64(), extra.u32(), extra.u32());
    if seeded == 1 { seed } else { hash(root.page.into(), root.name.as_bytes()) }
}

/// The bucket of a hash among `b`.
pub fn bucket(hash: u64, b: u32) -> u32 {
    let (d, s, p) = if b == 1 {
        (0, 1, 0)
    } else {
        let d = b.ilog2() - 1;
        (d, b >> d, b % (1 << d))
    };
    let g = 1u32 << d;
    let i = (hash % u64::from(g)) as u32;
    let (u, e) = ((hash >> d & 1) as u32, (hash >> (d + 1) & 1) as u32);
    let part = match s + u32::from(i < p) {
        1 => 0,
        2 => u,
        3 if e == 1 && hash >> 46 & 0x3ff >= 341 => 2,
        3 => u,
        4 => u + 2 * e,
        parts => panic!("a group of {parts}"),
    };
    i + part * g
}

/// All entries, in the order of their keys' bytes, after checking that the root's numbers are those of the pages.
pub fn entries(memory: &Memory, root: &Root, form: &Form) -> Vec<Entry> {
    let mut extra = Reader::new(&root.extra);
    let (seed, buckets, seeded) = (extra.u64(), extra.u32(), extra.u32());
    let state = &root.state;
    assert_eq!((state.top == 0, state.height == 0), (buckets == 0, buckets == 0), "{}: buckets", root.name);
    assert!(buckets <= 1 << 30 && seeded <= 1, "{}: {buckets} buckets", root.name);
    assert!(seeded == 1 || (seed, buckets) == (0, 0), "{} has no seed yet", root.name);
    let chained = extra.u64();
    let mut walk = Walk {
        memory,
        root,
        form,
        seed: self::seed(root),
        buckets,
        entries: Vec::new(),
        pages: 1,
        row_pages: BTreeMap::new(),
        chained: 0,
    };
    if buckets > 0 {
        walk.branch(state.top, state.height - 1, 0);
    }
    assert_eq!(walk.chained, chained, "{}: bytes of values in chains", root.name);
    walk.compare()
}

struct Walk<'m, 'a> {
    memory: &'m Memory<'a>,
    root: &'m Root,
    form: &'m Form<'m>,
    seed: u64,
    buckets: u32,
    entries: Vec<Entry>,
    pages: u32,
    row_pages: BTreeMap<u16, u32>,
    chained: u64,
}

impl Walk<'_, '_> {
    /// A branch whose buckets begin at `first`.
    fn branch(&mut self, page: u32, level: u32, first: u32) {
        self.pages += 1;
        let mut reader = Reader::new(self.memory.page(page, Kind::Branch, Use::Branch));
        reader.skip(1);
        assert_eq!(u32::from(reader.u8()), level, "level of branch {page}");
        let (count, width) = (reader.u16(), reader.u16());
        let below = FAN.pow(level - 1);
        let expected = (self.buckets - first).div_ceil(below).min(FAN);
        assert_eq!((u32::from(count), width), (expected, 6), "entries of branch {page}");
        reader.skip(6);
        assert_eq!(reader.u32(), self.root.page, "owner of branch {page}");
        reader.skip(8);
        assert_eq!(reader.u32(), 0, "link of the live branch {page}");
        reader.skip(4);
        for entry in 0..expected {
            let (child, table) = (reader.u32(), reader.u16());
            let first = first + entry * below;
            if level > 1 {
                assert_eq!(table, 0, "tables are named at the lowest level");
                self.branch(child, level - 1, first);
            } else {
                self.bucket(child, table, first);
            }
        }
    }

    fn bucket(&mut self, first: u32, named: u16, bucket: u32) {
        let mut page = first;
        while page != 0 {
            let bytes = self.memory.page(page, Kind::Bucket, Use::Bucket);
            let (node, table) = Node::bucket(page, bytes, self.form.key, self.form.value);
            assert_eq!((node.owner, node.link), (self.root.page, 0), "owner and link of bucket {page}");
            let next = Reader::new(&bytes[28..]).u32();
            if page == first {
                let bits = table.marks.len() as u16
                    | if table.plain { 0x8000 } else { 0 }
                    | if next != 0 { 0x4000 } else { 0 };
                assert_eq!(named, bits, "what the directory says of bucket {bucket}");
            }
            self.page(&node, &table, bucket);
            page = next;
        }
    }

    fn page(&mut self, node: &Node, table: &Table, bucket: u32) {
        self.pages += 1;
        let listed = node.listed();
        listed.iter().for_each(|layout| *self.row_pages.entry(*layout).or_default() += 1);
        let sizes = Sizes::of(node, self.form.key, self.form.value);
        let cells = if table.plain { node.plain_cells(&sizes) } else { node.cells(&sizes) };
        for (cell, place) in cells.into_iter().zip(&table.taken) {
            let hash = hash(self.seed, cell.key);
            assert_eq!(self::bucket(hash, self.buckets), bucket, "the bucket of {:?}", cell.key);
            assert_eq!(table.marks[*place], ((hash >> 56) as u8).max(2), "the mark of {:?}", cell.key);
            assert!(is_found(table.marks, hash, *place), "a search finds {:?}", cell.key);
            self.entry(&cell, listed[cell.tag], &sizes);
        }
    }

    fn entry(&mut self, cell: &Cell, layout: u16, sizes: &Sizes) {
        assert!(cell.key.len() <= 992, "keys have at most 992 bytes");
        let (value, chained) = match cell.owned {
            Some(first) => {
                assert!(sizes.inline(cell) > 2030, "only large values stand in chains");
                let chain = chain(self.memory, first, cell.value_len);
                self.pages += chain.pages;
                self.chained += cell.value_len as u64;
                (chain.value, true)
            }
            None => (cell.value.to_vec(), false),
        };
        self.entries.push(Entry { key: cell.key.to_vec(), value, layout, chained });
    }

    fn compare(mut self) -> Vec<Entry> {
        let (state, name) = (&self.root.state, &self.root.name);
        self.entries.sort_by(|a, b| a.key.cmp(&b.key));
        assert!(self.entries.windows(2).all(|two| two[0].key < two[1].key), "{name}: a key is there twice");
        assert_eq!(state.entries, self.entries.len() as u64, "{name}: entries");
        let bytes: usize = self.entries.iter().map(|entry| entry.key.len() + entry.value.len()).sum();
        assert_eq!(state.bytes, bytes as u64, "{name}: bytes");
        assert_eq!(state.pages, self.pages, "{name}: pages");
        self.root.compare_rows(&self.row_pages);
        self.entries
    }
}

/// Whether a search for a hash looks at a place: group after group, until one has an empty place.
fn is_found(marks: &[u8], hash: u64, place: usize) -> bool {
    let groups: Vec<&[u8]> = marks.chunks(16).collect();
    let first = (hash >> 32 & 0x3fff) as usize * marks.len() / (1 << 14) / 16;
    for group in (first..groups.len()).chain(0..first) {
        if group == place / 16 {
            return true;
        }
        if groups[group].contains(&0) {
            return false;
        }
    }
    false
}
