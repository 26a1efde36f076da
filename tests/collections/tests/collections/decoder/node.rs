//! Nodes and their cells: section 9.

use super::bytes::Reader;
use super::memory::PAGE;

const HEADER: usize = 32;
const UNUSED: u16 = 0xffff;

/// The longest cell.
const LONGEST: usize = 2030;

pub struct Node<'a> {
    page: u32,
    bytes: &'a [u8],
    pub level: u8,
    cells: usize,
    garbage: usize,
    hole: usize,
    refs: usize,
    pub owner: u32,
    layouts: [u16; 4],
    pub link: u32,
    /// The length of cells in a leaf of fixed cells, else 0.
    length: usize,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    offset: usize,
    tag: usize,
    owns: bool,
}

/// The sizes from which the form of a node's cells follows; nothing where lengths vary.
pub struct Sizes {
    pub key: Option<usize>,
    /// Those of the layouts that the leaf lists.
    pub values: Vec<Option<usize>>,
}

impl Sizes {
    /// Those of a node, by what the size of a layout's values is.
    pub fn of(node: &Node, key: Option<usize>, value: &dyn Fn(u16) -> Option<usize>) -> Self {
        Self { key, values: node.listed().into_iter().map(value).collect() }
    }

    /// Returns how many bytes the leaf's cell would have with its value inside.
    pub fn inline(&self, cell: &Cell) -> usize {
        let lengths = [self.key, self.values[cell.tag]];
        let lengths = 2 * lengths.iter().filter(|size| size.is_none()).count();
        lengths + cell.key.len() + cell.value_len
    }
}

/// The size of values by the index of their layout.
type ValueSize<'f> = &'f dyn Fn(u16) -> Option<usize>;

/// The table of a bucket's page.
pub struct Table {
    /// The mark of each place.
    pub marks: Vec<u8>,
    /// The last byte of each group.
    pub beyond: Vec<u8>,
    /// The slot indices of the cells, in their order.
    pub taken: Vec<usize>,
    pub plain: bool,
}

pub struct Cell<'a> {
    pub key: &'a [u8],
    /// The value, if it is in the cell.
    pub value: &'a [u8],
    pub value_len: usize,
    /// The child or the first page of the chain.
    pub owned: Option<u32>,
    pub tag: usize,
    /// The offset of the cell and its length, padding included.
    place: (usize, usize),
}

impl<'a> Node<'a> {
    pub fn parse(page: u32, bytes: &'a [u8]) -> Self {
        let length = Reader::new(&bytes[28..]).u32() as usize;
        if length > 0 {
            return Self::fixed(page, bytes, length);
        }
        let node = Self::read(page, bytes, true);
        let count = node.slots.len();
        assert_ne!(count, 0, "slots of node {page}");
        assert!(HEADER + 2 * count <= node.cells, "the slots of node {page} end before its cells");
        node.check();
        node
    }

    /// Returns a leaf of fixed cells. Its slots are those that its order stands for.
    fn fixed(page: u32, bytes: &'a [u8], length: usize) -> Self {
        let mut node = Self::read(page, bytes, false);
        assert_eq!((node.garbage, node.hole, node.refs), (0, 0, 0), "the fixed leaf {page}");
        assert_eq!((node.level, node.listed().len()), (0, 1), "the fixed leaf {page}");
        assert!((4..=2023).contains(&length), "cells of {length} bytes in leaf {page}");
        let places = (PAGE - node.cells) / length;
        let width = |places: usize| if places > 255 { 2 } else { 1 };
        let size = |places: usize| HEADER + 16 * places.div_ceil(15) + places * (length + width(places));
        assert_eq!(node.cells, PAGE - places * length, "cells of leaf {page}");
        assert!(size(places) <= PAGE, "{places} places of leaf {page}");
        assert!((places + 1..600).all(|more| size(more) > PAGE), "{places} places of leaf {page}");
        let count = usize::from(Reader::new(&bytes[2..]).u16());
        assert!(0 < count && count <= places, "{count} entries of leaf {page}");
        let order = bytes[HEADER + 16 * places.div_ceil(15)..].chunks(width(places));
        let order: Vec<usize> =
            order.take(count).map(|number| Reader::new(number).little(number.len()) as usize).collect();
        let mut named = order.clone();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), count, "the order of leaf {page} names a cell twice");
        let taken = (0..places).filter(|place| node.mark(*place) != 0);
        assert!(taken.eq(named), "the cells of leaf {page} are those that its order names");
        let slot = |place: &usize| Slot { offset: PAGE - (place + 1) * length, tag: 0, owns: false };
        node.length = length;
        node.slots = order.iter().map(slot).collect();
        node
    }

    /// Returns the control byte of a cell.
    fn mark(&self, place: usize) -> u8 {
        self.bytes[HEADER + place / 15 * 16 + place % 15]
    }

    /// Checks that a search for the key of each cell of a fixed leaf ends at it.
    fn check_table(&self, cells: &[Cell]) {
        let places = (PAGE - self.cells) / self.length;
        let mut beyond = vec![[0; 2]; places.div_ceil(15)];
        for cell in cells {
            let place = (PAGE - cell.place.0) / self.length - 1;
            let home = if places > 45 { 0 } else { 0x3fff << 32 };
            let hash = leaf_hash(cell.key) & !home;
            assert_eq!(cell.place.1, self.length, "a cell of leaf {}", self.page);
            assert_eq!(self.mark(place), (hash >> 56) as u8 | 0x80, "the mark of {:?}", cell.key);
            passed(places, hash, place).for_each(|group| beyond[group][(hash >> 63) as usize] += 1);
        }
        for (group, [zeros, ones]) in beyond.into_iter().enumerate() {
            let counted = self.bytes[HEADER + 16 * group + 15];
            for (counted, behind) in [(counted & 15, zeros), (counted >> 4, ones)] {
                assert!(counted == 15 || counted == behind, "entries behind a group: {behind}");
            }
        }
        let rest = places..15 * places.div_ceil(15);
        assert!(
            rest.into_iter().all(|place| self.mark(place) == 0),
            "marks behind those of leaf {}",
            self.page
        );
    }

    /// Returns a page of a bucket: fixed if `count` is 0, else slotted. Its slots without an entry
    /// have no slot here.
    pub fn bucket(page: u32, bytes: &'a [u8], key: Option<usize>, value: ValueSize) -> (Self, Table) {
        let mut node = Self::read(page, bytes, true);
        assert_eq!((node.level, node.slots.is_empty()), (0, bytes[2..4] == [0, 0]), "bucket {page}");
        let plain = node.slots.is_empty().then(|| node.plain(key, value));
        let slots = if plain.is_some() { 0 } else { 2 * node.slots.len() };
        let places = plain.map_or(node.slots.len(), |len| (PAGE - node.cells) / len);
        let len = 16 * places.div_ceil(15);
        assert!(places > 0 && HEADER + slots + len <= node.cells, "the table of bucket {page}");
        let groups = bytes[HEADER + slots..][..len].chunks(16);
        let mut marks: Vec<u8> = groups.clone().flat_map(|group| group[..15].to_vec()).collect();
        let beyond = groups.map(|group| group[15]).collect();
        assert!(marks.drain(places..).all(|mark| mark == 0), "marks behind the places of bucket {page}");
        assert!(marks.iter().all(|mark| *mark == 0 || *mark > 127), "marks of bucket {page}");
        let taken: Vec<usize> = (0..places).filter(|place| marks[*place] != 0).collect();
        match plain {
            Some(len) => {
                let slot = |place: &usize| Slot { offset: PAGE - (place + 1) * len, tag: 0, owns: false };
                node.slots = taken.iter().map(slot).collect();
            }
            None => {
                let free = (0..places).filter(|place| marks[*place] == 0);
                free.for_each(|place| {
                    assert_eq!(bytes[HEADER + 2 * place..][..2], [0, 0], "slots of {page}");
                });
                node.slots = taken.iter().map(|place| node.slots[*place]).collect();
            }
        }
        node.check();
        (node, Table { marks, beyond, taken, plain: plain.is_some() })
    }

    /// Returns the length of a fixed page's cells.
    fn plain(&self, key: Option<usize>, value: ValueSize) -> usize {
        assert_eq!((self.garbage, self.hole, self.refs), (0, 0, 0), "the plain page {}", self.page);
        assert_eq!(self.listed().len(), 1, "layouts of the plain page {}", self.page);
        let sizes = (key, value(self.layouts[0]));
        let (Some(key), Some(value)) = sizes else { panic!("the plain page {}: {sizes:?}", self.page) };
        (key + value).max(4)
    }

    /// Returns the cells of a fixed page; they fill it up to its end, with those of slots without
    /// an entry.
    pub fn plain_cells(&self, sizes: &Sizes) -> Vec<Cell<'a>> {
        self.slots.iter().map(|slot| self.cell(*slot, sizes)).collect()
    }

    fn read(page: u32, bytes: &'a [u8], has_slots: bool) -> Self {
        let mut reader = Reader::new(bytes);
        reader.skip(1);
        let level = reader.u8();
        let count = usize::from(reader.u16());
        let (cells, garbage, hole, refs) = (reader.u16(), reader.u16(), reader.u16(), reader.u16());
        let owner = reader.u32();
        let layouts = [(); 4].map(|()| reader.u16());
        let link = reader.u32();
        reader.skip(4);
        assert_eq!(reader.at(), HEADER);
        let slots = if has_slots { count } else { 0 };
        let slots: Vec<Slot> = (0..slots).map(|_| slot(reader.u16())).collect();
        let (cells, garbage, hole, refs) = (cells.into(), garbage.into(), hole.into(), refs.into());
        Self { page, bytes, level, cells, garbage, hole, refs, owner, layouts, link, length: 0, slots }
    }

    fn check(&self) {
        let page = self.page;
        assert_eq!(self.slots.iter().filter(|slot| slot.owns).count(), self.refs, "refs of node {page}");
        let used = self.listed().len();
        assert!(self.layouts[used..].iter().all(|layout| *layout == UNUSED), "used places come first");
        for slot in &self.slots {
            if self.level == 0 {
                assert!(slot.tag < used, "a tag of node {page} points to a layout");
            } else {
                assert!(slot.owns && slot.tag == 0, "slots of the inner node {page}");
            }
        }
    }

    /// Returns the layouts that the leaf lists.
    pub fn listed(&self) -> Vec<u16> {
        self.layouts.into_iter().take_while(|layout| *layout != UNUSED).collect()
    }

    /// Returns all cells in the order of their slots, after checking that they fill the page with
    /// the freeblocks.
    pub fn cells(&self, sizes: &Sizes) -> Vec<Cell<'a>> {
        let cells: Vec<Cell> = self.slots.iter().map(|slot| self.cell(*slot, sizes)).collect();
        if self.length > 0 {
            self.check_table(&cells);
            return cells;
        }
        let mut places = self.holes();
        assert_eq!(
            places.iter().map(|(_, len)| len).sum::<usize>(),
            self.garbage,
            "garbage of {}",
            self.page
        );
        places.extend(cells.iter().map(|cell| cell.place));
        places.sort_unstable();
        let end = places.into_iter().fold(self.cells, |end, (offset, len)| {
            assert_eq!(offset, end, "cells and holes of node {} fill it without gaps", self.page);
            end + len
        });
        assert_eq!(end, PAGE, "cells and holes of node {} fill it to the end", self.page);
        cells
    }

    fn cell(&self, slot: Slot, sizes: &Sizes) -> Cell<'a> {
        let mut reader = Reader::new(&self.bytes[slot.offset..]);
        let leaf = self.level == 0;
        let owned = slot.owns.then(|| reader.u32());
        let mut value_len = if slot.owns && leaf { reader.u32() as usize } else { 0 };
        let key_len = sizes.key.unwrap_or_else(|| reader.u16().into());
        let value_size = if leaf { sizes.values[slot.tag] } else { Some(0) };
        if slot.owns {
            let fits = !leaf || value_size.is_none_or(|size| size == value_len);
            assert!(fits, "the length of a value of constant size in a chain is that size");
        } else {
            value_len = value_size.unwrap_or_else(|| reader.u16().into());
        }
        let key = reader.take(key_len);
        let value = if slot.owns { &[][..] } else { reader.take(value_len) };
        let len = reader.at().max(4);
        assert!(len <= LONGEST, "a cell of {len} bytes in node {}", self.page);
        Cell { key, value, value_len, owned, tag: slot.tag, place: (slot.offset, len) }
    }

    fn holes(&self) -> Vec<(usize, usize)> {
        let (mut holes, mut hole) = (Vec::new(), self.hole);
        while hole != 0 {
            let mut reader = Reader::new(&self.bytes[hole..]);
            let (next, len) = (reader.u16(), reader.u16().into());
            assert!(len >= 4, "a hole of {len} bytes in node {}", self.page);
            assert!(holes.len() < PAGE / 4, "the list of holes in node {} ends", self.page);
            holes.push((hole, len));
            hole = next.into();
        }
        holes
    }
}

/// Returns the hash of a key in leaves of fixed cells.
fn leaf_hash(key: &[u8]) -> u64 {
    let words: Vec<u64> = match key.len() {
        0..=8 => vec![key.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))],
        _ => key.chunks(8).map(|bytes| Reader::new(bytes).little(bytes.len()) as u64).collect(),
    };
    words.into_iter().fold(0, |hash, word| {
        let mixed = hash ^ word;
        (mixed ^ mixed >> 32).wrapping_mul(0x9e37_678d_de6e_5fd3)
    })
}

/// Returns the groups at which the search for a hash looks before that of a hash position.
pub fn passed(places: usize, hash: u64, place: usize) -> impl Iterator<Item = usize> {
    let groups = places.div_ceil(15);
    let share = ((places as u64) << 14) / 15;
    let first = (((hash >> 32 & 0x3fff) * share) >> 28) as usize;
    (first..groups).chain(0..first).take_while(move |group| *group != place / 15)
}

fn slot(bits: u16) -> Slot {
    assert_eq!(bits >> 15, 0, "the highest bit of a slot");
    Slot {
        offset: usize::from(bits & 0x0fff),
        tag: usize::from(bits >> 12 & 0b11),
        owns: bits >> 14 & 1 == 1,
    }
}
