//! The parts of an image that commands read.

use std::cell::Cell;
use std::rc::Rc;

use graven::{BTreeMap, DefaultMemoryImpl, Memory};
use graven_collections::stored::StoredStore;

use crate::support::Folder;
use crate::town;

/// The kinds of pages that say what is stored: roots, the catalog and the registry, and arrays, as
/// the last one of a list counts its values itself.
const DESCRIBING: [u8; 4] = [3, 4, 5, 7];

/// `inspect` says the same when all pages with entries are lost.
#[test]
fn inspect_reads_no_entry() {
    let (folder, mut image) = (Folder::new(), town::memory());
    folder.write("whole.bin", &image);
    let mut lost = 0;
    for page in image.chunks_mut(4096).skip(1).filter(|page| !DESCRIBING.contains(&page[0])) {
        page.fill(0xee);
        lost += 1;
    }
    assert!(lost > 90, "{lost}");
    folder.write("lost.bin", &image);
    let inspect = |image| folder.run(&["inspect", image, "--json"]).out;
    for (whole, lost) in inspect("whole.bin").lines().zip(inspect("lost.bin").lines()) {
        assert_eq!(lost, whole);
    }
    assert_eq!(inspect("lost.bin"), inspect("whole.bin"));
    assert_eq!(folder.run(&["verify", "lost.bin"]).code, 1);
}

/// A memory that counts the bytes that are read.
#[derive(Clone)]
struct Counted(DefaultMemoryImpl, Rc<Cell<u64>>);

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.0.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.1.set(self.1.get() + out.len() as u64);
        self.0.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.0.write(offset, bytes);
    }
}

/// Returns the bytes that opening a store for tools reads, with all that it knows without reading.
fn bytes_read(entries: u64) -> u64 {
    let memory = DefaultMemoryImpl::default();
    let mut numbers: BTreeMap<u64, u64> = graven_collections::open("numbers", memory.clone()).unwrap();
    numbers.extend((0..entries).map(|number| (number, number)));
    drop(numbers);
    let counted = Counted(memory, Rc::default());
    let store = StoredStore::open(counted.clone()).unwrap();
    assert_eq!(store.root("numbers").unwrap().stats().entries, entries);
    counted.1.get()
}

#[test]
fn opening_reads_as_much_of_many_entries_as_of_few() {
    let few = bytes_read(10);
    assert_eq!(bytes_read(300_000), few);
    assert!(few < 16_384, "{few} bytes");
}
