//! The catalog and the roots: sections 5 and 6; and the Cell of section 9.

use std::collections::BTreeMap;

use super::bytes::{Reader, text};
use super::descriptor::Type;
use super::extents::chain;
use super::memory::{Kind, Memory, Use};
use super::registry::Layout;

/// The key layout of collections without keys.
const NO_LAYOUT: u16 = 0xffff;

/// The name that pages have for the layout of what is a collection's own, and is not in the
/// registry.
pub const OWN_LAYOUT: u16 = 0xfffe;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    Cell,
    BTreeMap,
    BTreeSet,
    HashMap,
    HashSet,
    Vec,
    Deque,
    Log,
    PriorityQueue,
    Slab,
    Blobs,
    RankedMap,
    NestedMap,
    NestedSet,
    NestedVec,
    NestedDeque,
    RecordsMap,
    RecordsSet,
    RecordsVec,
    RecordsDeque,
    Table,
    Index,
    UniqueIndex,
}

impl Collection {
    fn of(byte: u8) -> Self {
        match byte {
            1 => Self::Cell,
            2 => Self::BTreeMap,
            3 => Self::BTreeSet,
            4 => Self::HashMap,
            5 => Self::HashSet,
            6 => Self::Vec,
            7 => Self::Deque,
            8 => Self::Log,
            9 => Self::PriorityQueue,
            10 => Self::Slab,
            11 => Self::Blobs,
            12 => Self::RankedMap,
            13 => Self::NestedMap,
            14 => Self::NestedSet,
            15 => Self::NestedVec,
            16 => Self::NestedDeque,
            17 => Self::RecordsMap,
            18 => Self::RecordsSet,
            19 => Self::RecordsVec,
            20 => Self::RecordsDeque,
            21 => Self::Table,
            22 => Self::Index,
            23 => Self::UniqueIndex,
            byte => panic!("{byte} is no collection"),
        }
    }

    fn has_keys(self) -> bool {
        !matches!(self, Self::Cell | Self::Vec | Self::Deque | Self::Log | Self::Slab)
    }

    /// Returns `true` if there are no values, so that the one row is `()`.
    pub fn is_set(self) -> bool {
        matches!(self, Self::BTreeSet | Self::HashSet)
    }

    /// Returns `true` if there is a record beside each nested collection.
    pub fn has_records(self) -> bool {
        matches!(self, Self::RecordsMap | Self::RecordsSet | Self::RecordsVec | Self::RecordsDeque)
    }

    /// Returns `true` if the keys of entries of nested collections are positions.
    pub fn has_positions(self) -> bool {
        matches!(self, Self::NestedVec | Self::NestedDeque | Self::RecordsVec | Self::RecordsDeque)
    }

    pub fn is_index(self) -> bool {
        matches!(self, Self::Index | Self::UniqueIndex)
    }

    /// Returns `true` if the values are the collection's own, so that its one row is `()` with 0
    /// pages.
    fn has_own_values(self) -> bool {
        matches!(self, Self::PriorityQueue | Self::Blobs)
    }
}

/// The state of a tree: offsets 8 to 36 of a root.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    pub top: u32,
    pub height: u32,
    pub entries: u64,
    pub bytes: u64,
    pub pages: u32,
}

impl State {
    pub fn read(reader: &mut Reader) -> Self {
        let (top, height) = (reader.u32(), reader.u32());
        let (entries, bytes) = (reader.u64(), reader.u64());
        Self { top, height, entries, bytes, pages: reader.u32() }
    }
}

pub struct Root {
    pub page: u32,
    pub collection: Collection,
    pub name: String,
    pub state: State,
    pub key_layout: Option<u16>,
    pub newest: usize,
    pub rows: Vec<Row>,
    pub extra: Vec<u8>,
}

/// A layout in which values of a root were written.
pub struct Row {
    pub layout: u16,
    pub pages: u32,
}

impl Root {
    pub fn newest_layout(&self) -> u16 {
        self.rows[self.newest].layout
    }
}

/// Reads all roots, in the order of creation.
pub fn roots(memory: &Memory, layouts: &[Layout]) -> Vec<Root> {
    let catalog = memory.page(memory.superblock.catalog, Kind::Catalog, Use::Catalog);
    let mut reader = Reader::new(catalog);
    reader.skip(2);
    let count = reader.u16();
    assert!(count <= 1020, "{count} roots");
    assert_eq!(reader.u32(), 0, "the catalog is one page");
    reader.skip(8);
    let roots: Vec<Root> = (0..count).map(|i| root(memory, layouts, reader.u32(), i.into())).collect();
    assert!(reader.rest().iter().all(|byte| *byte == 0), "the rest of the catalog is zero");
    for (i, root) in roots.iter().enumerate() {
        assert!(roots[..i].iter().all(|before| before.name != root.name), "two roots {}", root.name);
    }
    roots
}

fn root(memory: &Memory, layouts: &[Layout], page: u32, ordinal: u32) -> Root {
    let bytes = memory.page(page, Kind::Root, Use::Root);
    let mut reader = Reader::new(bytes);
    reader.skip(1);
    let collection = Collection::of(reader.u8());
    let name_len = reader.u16().into();
    assert_eq!(reader.u32(), ordinal, "ordinal of the root in page {page}");
    let state = State::read(&mut reader);
    let key_layout = reader.u16();
    let newest = usize::from(reader.u16());
    let number = usize::from(reader.u16());
    let is_later = matches!(collection, Collection::Table | Collection::Index | Collection::UniqueIndex);
    assert_eq!((reader.u8(), reader.u8()), (is_later.into(), 0), "features");
    let key_layout = key(layouts, collection, key_layout, reader.fingerprint());
    assert_eq!(reader.u32(), check(bytes, name_len), "the check of the root in page {page}");
    assert_eq!(reader.at(), 64);
    let name = name(&bytes[64..320], name_len);
    let rows = rows(&bytes[320..2368], number, layouts);
    assert!(newest < number, "the newest of {number} rows is {newest}");
    assert!(Reader::new(&bytes[2368..]).u16() <= 992, "length of the cursor");
    let extra = bytes[3584..].to_vec();
    match collection {
        Collection::Cell | Collection::BTreeMap | Collection::BTreeSet => zero(&extra),
        Collection::Slab | Collection::Table => zero(&extra[8..]),
        Collection::Index | Collection::UniqueIndex => {
            assert!(extra[0] <= 2, "{name}: which rows have their entries");
            zero(&extra[1..]);
        }
        Collection::HashMap | Collection::HashSet => zero(&extra[24..]),
        _ => (),
    }
    if collection.has_own_values() || collection.is_set() {
        let unit = Type::Tuple(Vec::new()).fingerprint();
        assert_eq!(rows.len(), 1, "{name} has one row");
        assert!(collection.is_set() || rows[0].pages == 0, "{name}: its one row has no pages");
        assert_eq!(layouts[usize::from(rows[0].layout)].fingerprint, unit, "{name}: its one row is ()");
    }
    if collection.is_index() {
        assert!(rows.len() == 1 && rows[0].pages == 0, "{name} has one row without pages");
        let Type::Struct { name: ty, version: 0, fields } = &layouts[usize::from(rows[0].layout)].of else {
            panic!("{name}: the row of an index is a struct")
        };
        let unit = Type::Tuple(Vec::new());
        assert!(
            ty == "Index" && fields.first().is_some_and(|words| words.of == unit),
            "{name}: words of its definition, then the fields that it includes"
        );
    }
    Root { page, collection, name, state, key_layout, newest, rows, extra }
}

fn check(bytes: &[u8], name_len: usize) -> u32 {
    let first = [&bytes[1..4], &bytes[36..38], &[0; 3], &bytes[44..60]].concat();
    let mut name = bytes[64..64 + name_len].to_vec();
    name.resize(name_len / 8 * 8 + 8, 0);
    let mixed = [first, name].concat().chunks(8).fold(0, |state: u64, word| {
        let word = u64::from_le_bytes(word.try_into().unwrap());
        let mixed = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    });
    mixed as u32
}

pub fn zero(extra: &[u8]) {
    assert!(extra.iter().all(|byte| *byte == 0), "extra bytes that mean nothing are zero");
}

fn key(layouts: &[Layout], collection: Collection, layout: u16, fingerprint: [u8; 16]) -> Option<u16> {
    if !collection.has_keys() {
        assert_eq!((layout, fingerprint), (NO_LAYOUT, [0; 16]), "a {collection:?} has no key layout");
        return None;
    }
    assert_eq!(layouts[usize::from(layout)].fingerprint, fingerprint, "the key's fingerprint");
    Some(layout)
}

fn name(field: &[u8], len: usize) -> String {
    assert!((1..=255).contains(&len), "a name of {len} bytes");
    assert!(field[len..].iter().all(|byte| *byte == 0), "names are filled up with zeros");
    text(&field[..len])
}

fn rows(field: &[u8], number: usize, layouts: &[Layout]) -> Vec<Row> {
    assert!((1..=64).contains(&number), "{number} rows");
    let (used, unused) = field.split_at(number * 32);
    assert!(unused.iter().all(|byte| *byte == 0), "rows behind the last are zero");
    let mut reader = Reader::new(used);
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..number {
        let layout = reader.u16();
        reader.skip(2);
        let pages = reader.u32();
        reader.skip(8);
        assert_eq!(reader.fingerprint(), layouts[usize::from(layout)].fingerprint, "fingerprint of a row");
        assert!(rows.iter().all(|row| row.layout != layout), "layout {layout} has one row");
        rows.push(Row { layout, pages });
    }
    rows
}

impl Root {
    /// Compares the pages of the rows with what a walk found.
    pub fn compare_rows(&self, found: &BTreeMap<u16, u32>) {
        for row in &self.rows {
            let found = found.get(&row.layout).copied().unwrap_or_default();
            assert_eq!(row.pages, found, "{}: pages with layout {}", self.name, row.layout);
        }
        let has_row = |layout: &u16| self.rows.iter().any(|row| row.layout == *layout);
        assert!(found.keys().all(has_row), "{}: {found:?} have rows", self.name);
    }
}

/// Returns the value of a Cell with the index of its layout, if there is one.
pub fn cell(memory: &Memory, root: &Root) -> Option<(u16, Vec<u8>)> {
    let state = &root.state;
    assert_eq!(state.height, 0, "height of a Cell");
    let mut used = root.rows.iter().filter(|row| row.pages != 0);
    if state.top == 0 {
        assert_eq!((state.entries, state.bytes, state.pages), (0, 0, 1), "state of an empty Cell");
        assert!(used.next().is_none(), "an empty Cell has a value in no layout");
        return None;
    }
    let row = used.next().expect("a Cell's value has a layout");
    assert!(row.pages == 1 && used.next().is_none(), "a Cell has one value in one layout");
    let chain = chain(memory, root.page, state.top, state.bytes as usize);
    assert_eq!((state.entries, state.pages), (1, 1 + chain.pages), "state of a Cell");
    Some((row.layout, chain.value))
}
