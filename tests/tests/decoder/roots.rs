//! The catalog and the roots: sections 5 and 6; and the Cell of section 9.

use super::bytes::{Reader, text};
use super::extents::chain;
use super::memory::{Kind, Memory, Use};
use super::registry::Layout;

/// The key layout of a Cell: none.
const NO_LAYOUT: u16 = 0xffff;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    Cell,
    BTreeMap,
}

pub struct Root {
    pub page: u32,
    pub collection: Collection,
    pub name: String,
    pub top: u32,
    pub height: u32,
    pub entries: u64,
    pub bytes: u64,
    pub pages: u32,
    pub key_layout: Option<u16>,
    pub newest: usize,
    pub rows: Vec<Row>,
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
    reader.skip(12);
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
    let collection = match reader.u8() {
        1 => Collection::Cell,
        2 => Collection::BTreeMap,
        byte => panic!("{byte} is no collection"),
    };
    let name_len = reader.u16().into();
    assert_eq!(reader.u32(), ordinal, "ordinal of the root in page {page}");
    let (top, height, entries, bytes_, pages) =
        (reader.u32(), reader.u32(), reader.u64(), reader.u64(), reader.u32());
    let key_layout = reader.u16();
    let newest = usize::from(reader.u16());
    let number = usize::from(reader.u16());
    reader.skip(2);
    let key_layout = key(layouts, collection, key_layout, reader.fingerprint());
    assert_eq!(reader.at(), 60);
    let name = name(&bytes[64..320], name_len);
    let rows = rows(&bytes[320..2368], number, layouts);
    assert!(newest < number, "the newest of {number} rows is {newest}");
    assert!(Reader::new(&bytes[2368..]).u16() <= 992, "length of the cursor");
    Root { page, collection, name, top, height, entries, bytes: bytes_, pages, key_layout, newest, rows }
}

fn key(layouts: &[Layout], collection: Collection, layout: u16, fingerprint: [u8; 16]) -> Option<u16> {
    match collection {
        Collection::Cell => {
            assert_eq!((layout, fingerprint), (NO_LAYOUT, [0; 16]), "a Cell has no key");
            None
        }
        Collection::BTreeMap => {
            assert_eq!(layouts[usize::from(layout)].fingerprint, fingerprint, "the key's fingerprint");
            Some(layout)
        }
    }
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

/// The value of a Cell with the index of its layout, if there is one.
pub fn cell(memory: &Memory, root: &Root) -> Option<(u16, Vec<u8>)> {
    assert_eq!(root.height, 0, "height of a Cell");
    let mut used = root.rows.iter().filter(|row| row.pages != 0);
    if root.top == 0 {
        assert_eq!((root.entries, root.bytes, root.pages), (0, 0, 1), "state of an empty Cell");
        assert!(used.next().is_none(), "an empty Cell has a value in no layout");
        return None;
    }
    let row = used.next().expect("a Cell's value has a layout");
    assert!(row.pages == 1 && used.next().is_none(), "a Cell has one value in one layout");
    let chain = chain(memory, root.top, root.bytes as usize);
    assert_eq!((root.entries, root.pages), (1, 1 + chain.pages), "state of a Cell");
    Some((row.layout, chain.value))
}
