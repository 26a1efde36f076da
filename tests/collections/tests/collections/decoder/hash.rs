//! HashMaps and HashSets: section 9.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::extents::chain;
use super::memory::{Kind, Memory, Use};
use super::node::{Cell, Node, Sizes, Table, passed};
use super::roots::Root;
use super::tree::{Entry, Form};

/// A branch or bucket of the directory: all places that begin with these bits.
#[derive(Clone, Copy)]
struct Part {
    depth: u32,
    bits: u64,
}

/// Returns the hash of an encoded key.
pub fn hash(seed: u64, key: &[u8]) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let words: Vec<u64> = key.chunks(8).map(|bytes| Reader::new(bytes).little(bytes.len()) as u64).collect();
    let half =
        |word: u64, drawn: u64, shift: u32| ((word >> shift) as u32).wrapping_add((drawn >> shift) as u32);
    let sum = match words[..] {
        [] => return end(seed),
        [word] => word,
        _ => words.iter().zip(1u64..).fold(0u64, |sum, (word, number)| {
            let drawn = end(mix(seed.wrapping_add(number.wrapping_mul(STEP))));
            sum.wrapping_add(u64::from(half(*word, drawn, 0)) * u64::from(half(*word, drawn, 32)))
        }),
    };
    end(mix(seed ^ (key.len() as u64).wrapping_mul(STEP) ^ sum))
}

fn mix(x: u64) -> u64 {
    let y = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    y ^ y >> 27
}

fn end(x: u64) -> u64 {
    let y = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    y ^ y >> 31
}

/// Returns the seed of a map's hash.
pub fn seed(root: &Root) -> u64 {
    let mut extra = Reader::new(&root.extra);
    let (seed, _buckets, seeded) = (extra.u64(), extra.u32(), extra.u32());
    if seeded == 1 { seed } else { hash(root.page.into(), root.name.as_bytes()) }
}

/// Returns the hash position.
pub fn place_of(hash: u64) -> u64 {
    let x = hash % (1 << 29);
    2 * x * (11 * x + 21 * (1 << 29))
}

/// Returns the first bits of a hash position.
fn bits(place: u64, depth: u32) -> u64 {
    if depth == 0 { 0 } else { place >> (64 - depth) }
}

/// Returns all entries, in the order of their keys' bytes, after checking that the root's numbers
/// are those of the pages.
pub fn entries(memory: &Memory, root: &Root, form: &Form) -> Vec<Entry> {
    let mut extra = Reader::new(&root.extra);
    let (seed, buckets, seeded) = (extra.u64(), extra.u32(), extra.u32());
    let state = &root.state;
    assert_eq!((state.top == 0, state.height == 0), (buckets == 0, buckets == 0), "{}: buckets", root.name);
    assert!(seeded <= 1, "{}: seeded", root.name);
    assert!(seeded == 1 || (seed, buckets) == (0, 0), "{} has no seed yet", root.name);
    let chained = extra.u64();
    let mut walk = Walk {
        memory,
        root,
        form,
        seed: self::seed(root),
        buckets: 0,
        entries: Vec::new(),
        pages: 1,
        row_pages: BTreeMap::new(),
        chained: 0,
    };
    if buckets > 0 {
        walk.branch(state.top, state.height - 1, Part { depth: 0, bits: 0 });
    }
    assert_eq!(walk.buckets, buckets, "{}: buckets", root.name);
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
    fn branch(&mut self, page: u32, level: u32, part: Part) {
        self.pages += 1;
        let mut reader = Reader::new(self.memory.page(page, Kind::Branch, Use::Branch));
        reader.skip(1);
        assert_eq!(u32::from(reader.u8()), level, "level of branch {page}");
        assert_eq!((reader.u16(), reader.u16()), (512, 6), "entries of branch {page}");
        reader.skip(6);
        assert_eq!(reader.u32(), self.root.page, "owner of branch {page}");
        reader.skip(8);
        assert_eq!(reader.u32(), 0, "link of the live branch {page}");
        reader.skip(4);
        let entries: Vec<(u32, u16)> = (0..512).map(|_| (reader.u32(), reader.u16())).collect();
        let mut index = 0;
        while index < 512 {
            let (child, table) = entries[index];
            let run = entries[index..].iter().take_while(|(page, _)| *page == child).count();
            assert!(run.is_power_of_two() && index % run == 0, "{run} entries of branch {page} at {index}");
            assert!(entries[index..index + run].iter().all(|entry| entry.1 == table), "tables of one page");
            let depth = part.depth + 9 - run.ilog2();
            assert!(depth <= 28, "{depth} bits lead to {child}");
            let below = Part { depth, bits: part.bits << (depth - part.depth) | (index / run) as u64 };
            if level > 1 {
                assert_eq!(u32::from(table), depth, "depth of branch {child}");
                assert!(depth > 0, "the topmost branch leads to one branch only");
                self.branch(child, level - 1, below);
            } else {
                self.buckets += 1;
                self.bucket(child, table, below);
            }
            index += run;
        }
    }

    fn bucket(&mut self, first: u32, named: u16, bucket: Part) {
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
                assert_eq!(named, bits, "what the directory says of bucket {first}");
            }
            self.page(&node, &table, bucket);
            page = next;
        }
    }

    fn page(&mut self, node: &Node, table: &Table, bucket: Part) {
        self.pages += 1;
        let listed = node.listed();
        listed.iter().for_each(|layout| *self.row_pages.entry(*layout).or_default() += 1);
        let sizes = Sizes::of(node, self.form.key, self.form.value);
        let cells = if table.plain { node.plain_cells(&sizes) } else { node.cells(&sizes) };
        let mut beyond = vec![[0; 2]; table.beyond.len()];
        for (cell, place) in cells.into_iter().zip(&table.taken) {
            let hash = hash(self.seed, cell.key);
            assert_eq!(bits(place_of(hash), bucket.depth), bucket.bits, "the bucket of {:?}", cell.key);
            assert_eq!(table.marks[*place], (hash >> 56) as u8 | 0x80, "the mark of {:?}", cell.key);
            passed(table.marks.len(), hash, *place)
                .for_each(|group| beyond[group][(hash >> 63) as usize] += 1);
            self.entry(&cell, listed[cell.tag], &sizes);
        }
        for (counted, [zeros, ones]) in table.beyond.iter().zip(beyond) {
            for (counted, behind) in [(counted & 15, zeros), (counted >> 4, ones)] {
                assert!(counted == 15 || counted == behind, "entries behind a group: {behind}");
            }
        }
    }

    fn entry(&mut self, cell: &Cell, layout: u16, sizes: &Sizes) {
        assert!(cell.key.len() <= 992, "keys have at most 992 bytes");
        let (value, chained) = match cell.owned {
            Some(first) => {
                assert!(sizes.inline(cell) > 2030, "only large values stand in chains");
                let chain = chain(self.memory, self.root.page, first, cell.value_len);
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
