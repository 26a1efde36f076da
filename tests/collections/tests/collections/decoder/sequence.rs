//! Sequences, that is Vec, Deque, Log, and the parts of a PriorityQueue: section 9.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bytes::Reader;
use super::extents::chain;
use super::memory::{Kind, Memory, PAGE, Use};
use super::node::{Cell, Node, Sizes};
use super::roots::{OWN_LAYOUT, State, zero};

const HEADER: usize = 32;
const ENTRY: usize = 12;

/// The widest value that is stored in arrays.
const WIDEST: usize = 1016;

/// The extra bytes of a sequence.
#[derive(Debug)]
pub struct Extra {
    pub first: u64,
    pub dropped: u64,
    uniform: u16,
    last: Last,
}

/// The last array, if `page` is not 0: it counts its values.
#[derive(Debug)]
struct Last {
    page: u32,
    start: u64,
    /// The number of values when the state was written.
    count: u16,
}

/// The number of extra bytes of a sequence.
pub const EXTRA: usize = 34;

impl Extra {
    pub fn read(extra: &[u8]) -> Self {
        let mut reader = Reader::new(extra);
        let (first, dropped, uniform) = (reader.u64(), reader.u64(), reader.u16());
        assert_eq!(reader.u16(), 0, "reserved");
        let last = Last { page: reader.u32(), start: reader.u64(), count: reader.u16() };
        assert_eq!(reader.at(), EXTRA);
        Self { first, dropped, uniform, last }
    }

    /// Reads those of a sequence that has nothing more to say.
    pub fn whole(extra: &[u8]) -> Self {
        zero(&extra[EXTRA..]);
        Self::read(extra)
    }
}

/// A sequence to be read.
pub struct Sequence<'m, 'a> {
    pub memory: &'m Memory<'a>,
    /// The root's page.
    pub owner: u32,
    pub state: &'m State,
    pub extra: &'m Extra,
    /// The size of values by the index of their layout.
    pub size: &'m dyn Fn(u16) -> Option<usize>,
}

/// A value as it is stored.
pub struct Stored {
    pub value: Vec<u8>,
    pub layout: u16,
    pub chained: bool,
}

/// The findings of a walk over a sequence.
#[derive(Default)]
pub struct Found {
    pub values: Vec<Stored>,
    bytes: u64,
    /// The number of values that the sequence says it has.
    entries: u64,
    /// Pages of branches, leaves and chains.
    pub pages: u32,
    /// How many leaves have values of each layout that is in the registry.
    pub leaves: BTreeMap<u16, u32>,
    /// Leaves before the one that contains the first value.
    pub dropped_leaves: u32,
}

impl Sequence<'_, '_> {
    /// Returns all values, after checking that the state's entries and bytes are those of the tree.
    pub fn read(&self) -> Found {
        let (mut state, mut found) = (*self.state, Found::default());
        if state.top != 0 && self.extra.last.page != 0 {
            self.count_last(&mut state);
        }
        assert_eq!(state.top == 0, state.height == 0, "an empty sequence has no height");
        assert_eq!(state.top == 0, state.entries == 0, "an empty sequence has no pages");
        if state.top != 0 {
            let end = self.extra.first + state.entries;
            found.entries = state.entries;
            self.page(state.top, state.height - 1, 0..end, &mut found);
        }
        assert_eq!(found.values.len() as u64, state.entries, "entries of a sequence");
        assert_eq!(found.bytes, state.bytes, "bytes of a sequence");
        found
    }

    /// Brings the entries and bytes of a state up to date from the array that counts its values.
    fn count_last(&self, state: &mut State) {
        let Last { page, start, count } = self.extra.last;
        let bytes = self.memory.pages(page, 1);
        let width = usize::from(Reader::new(&bytes[4..]).u16());
        let end = 1 + bytes.iter().rposition(|byte| *byte != 0).expect("a header is not zeros");
        let values = (end - 2 - HEADER) / width;
        assert_eq!(end, HEADER + values * width + 2, "the count of array {page} is after its values");
        assert_eq!(
            usize::from(Reader::new(&bytes[end - 2..]).u16()),
            0x8000 + values,
            "count of array {page}"
        );
        state.entries = start + values as u64 - self.extra.first;
        state.bytes = state.bytes + (values * width) as u64 - u64::from(count) * width as u64;
    }

    fn page(&self, page: u32, level: u32, covers: Range<u64>, found: &mut Found) {
        found.pages += 1;
        if level > 0 {
            return self.branch(page, level, covers, found);
        }
        found.dropped_leaves += u32::from(covers.end <= self.extra.first);
        match self.memory.kind(page) {
            7 => self.array(page, covers, found),
            _ => self.node(page, covers, found),
        }
    }

    fn branch(&self, page: u32, level: u32, covers: Range<u64>, found: &mut Found) {
        let mut reader = Reader::new(self.memory.page(page, Kind::Branch, Use::Branch));
        reader.skip(1);
        assert_eq!(u32::from(reader.u8()), level, "level of branch {page}");
        let (count, width) = (reader.u16(), reader.u16());
        assert!((1..=338).contains(&count), "{count} entries of branch {page}");
        assert_eq!(usize::from(width), ENTRY, "width of branch {page}");
        self.owner_and_link(&mut reader, page);
        let entries: Vec<(u32, u64)> = (0..count).map(|_| (reader.u32(), reader.u64())).collect();
        assert_eq!(entries[0].1, 0, "the first child of branch {page} begins where it does");
        for (i, (child, start)) in entries.iter().enumerate() {
            let start = covers.start + start;
            let end = entries.get(i + 1).map_or(covers.end, |(_, next)| covers.start + next);
            assert!(start < end && end <= covers.end, "starts of branch {page} rise");
            self.page(*child, level - 1, start..end, found);
        }
    }

    /// Reads the headers of branches and arrays from offset 6 on.
    fn owner_and_link(&self, reader: &mut Reader, page: u32) {
        reader.skip(6);
        assert_eq!(reader.u32(), self.owner, "owner of page {page}");
        reader.skip(8);
        assert_eq!(reader.u32(), 0, "link of the live page {page}");
        reader.skip(4);
        assert_eq!(reader.at(), HEADER);
    }

    fn array(&self, page: u32, covers: Range<u64>, found: &mut Found) {
        let mut reader = Reader::new(self.memory.page(page, Kind::Array, Use::Array));
        reader.skip(1);
        assert_eq!(reader.u8(), 0, "level of array {page}");
        let (layout, width) = (reader.u16(), usize::from(reader.u16()));
        assert_eq!(Some(width), (self.size)(layout), "width of array {page}");
        assert!((1..=WIDEST).contains(&width), "values of {width} bytes in array {page}");
        self.owner_and_link(&mut reader, page);
        self.uniform(Some(layout));
        self.count(layout, found);
        let most = ((PAGE - HEADER - 2) / width) as u64;
        if self.extra.last.page == page {
            let end = self.extra.first + found.entries;
            assert_eq!((covers.start, covers.end), (self.extra.last.start, end), "positions of array {page}");
        }
        assert!(covers.end - covers.start <= most, "array {page} covers at most {most} positions");
        found.bytes += width as u64 * (covers.end - covers.start);
        for position in covers {
            let value = reader.take(width).to_vec();
            if position >= self.extra.first {
                found.values.push(Stored { value, layout, chained: false });
            }
        }
    }

    fn node(&self, page: u32, covers: Range<u64>, found: &mut Found) {
        let node = Node::parse(page, self.memory.page(page, Kind::Node, Use::Node));
        assert_eq!((node.level, node.owner, node.link), (0, self.owner, 0), "node {page} of a sequence");
        self.uniform(None);
        node.listed().into_iter().for_each(|layout| self.count(layout, found));
        let sizes = Sizes::of(&node, Some(0), self.size);
        let cells = node.cells(&sizes);
        let dropped = covers.end <= self.extra.first;
        let first = if dropped { covers.start } else { covers.start.max(self.extra.first) };
        assert_eq!(cells.len() as u64, covers.end - first, "slots of node {page}");
        for cell in cells {
            let stored = self.cell(&node, &sizes, cell, found);
            if !dropped {
                found.values.push(stored);
            }
        }
    }

    fn cell(&self, node: &Node, sizes: &Sizes, cell: Cell, found: &mut Found) -> Stored {
        let layout = node.listed()[cell.tag];
        found.bytes += cell.value_len as u64;
        let Some(first) = cell.owned else {
            return Stored { value: cell.value.to_vec(), layout, chained: false };
        };
        assert!(sizes.inline(&cell) > 2030, "only large values stand in chains");
        let chain = chain(self.memory, self.owner, first, cell.value_len);
        found.pages += chain.pages;
        Stored { value: chain.value, layout, chained: true }
    }

    /// Checks that a leaf is what `uniform` says of all of them; `array` is the layout if it is an
    /// array.
    fn uniform(&self, array: Option<u16>) {
        if self.extra.uniform != 0 {
            assert_eq!(array, Some(self.extra.uniform - 1), "all leaves are arrays of one layout");
        }
    }

    fn count(&self, layout: u16, found: &mut Found) {
        if layout != OWN_LAYOUT {
            *found.leaves.entry(layout).or_default() += 1;
        }
    }
}
