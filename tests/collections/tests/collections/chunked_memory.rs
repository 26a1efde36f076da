//! Memories that are joined from chunks: as one flat memory, and refused if chunks are not what
//! they were.

use std::cell::{Cell, RefCell};
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::rc::Rc;

use graven::memory::{ChunkError, ChunkedMemory, FileDirectory};
use graven::{BTreeMap, DefaultMemoryImpl, Error, Log, Memory, StableVec};
use graven_tests::memory::{Bytes, WASM_PAGE, memory_of};
use proptest::prelude::*;

/// Memories by index that all clones share, with a limit to the pages of all together.
#[derive(Clone)]
struct Shelf {
    memories: Rc<RefCell<Vec<Bytes>>>,
    left: Rc<Cell<u64>>,
}

#[derive(Clone)]
struct Limited {
    inner: Bytes,
    left: Rc<Cell<u64>>,
}

impl Memory for Limited {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        let Some(left) = self.left.get().checked_sub(pages) else { return -1 };
        self.left.set(left);
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.inner.write(offset, bytes);
    }
}

impl Shelf {
    fn new() -> Self {
        Shelf { memories: Rc::default(), left: Rc::new(Cell::new(u64::MAX)) }
    }

    fn chunk(&self, index: u32) -> Limited {
        let mut memories = self.memories.borrow_mut();
        while memories.len() <= index as usize {
            memories.push(Bytes::default());
        }
        Limited { inner: memories[index as usize].clone(), left: self.left.clone() }
    }

    fn open(
        &self,
        pages: u64,
    ) -> Result<ChunkedMemory<impl graven::memory::ChunkSource<Memory = Limited> + use<>>, ChunkError> {
        let shelf = self.clone();
        ChunkedMemory::open(move |index: u32| shelf.chunk(index), pages)
    }

    /// Puts other bytes in the place of a chunk's.
    fn set(&self, index: usize, bytes: &[u8]) {
        self.memories.borrow_mut()[index] = memory_of(bytes);
    }

    fn bytes(&self, index: usize) -> Vec<u8> {
        self.memories.borrow()[index].borrow().clone()
    }
}

/// Returns a shelf with five chunks of two pages, the last with one.
fn five() -> Shelf {
    let shelf = Shelf::new();
    let memory = shelf.open(2).unwrap();
    assert_eq!(memory.grow(9), 0);
    for page in 0..9u64 {
        memory.write(page * WASM_PAGE as u64 + 5, &[page as u8 + 1; 10]);
    }
    shelf
}

#[derive(Debug, Clone)]
enum Op {
    Grow(u64),
    Write(u64, Vec<u8>),
    Read(u64, usize),
    Reopen,
    Limit(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..5u64).prop_map(Op::Grow),
        6 => (any::<u64>(), prop::collection::vec(any::<u8>(), 0..300)).prop_map(|(at, bytes)| Op::Write(at, bytes)),
        1 => (any::<u64>(), 60_000..200_000usize, any::<u8>()).prop_map(|(at, len, byte)| Op::Write(at, vec![byte; len])),
        5 => (any::<u64>(), 0..200_000usize).prop_map(|(at, len)| Op::Read(at, len)),
        1 => Just(Op::Reopen),
        1 => (0..8u64).prop_map(Op::Limit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn joined_chunks_are_a_flat_memory(ops in prop::collection::vec(op(), 1..40), chunk in 1..4u64) {
        let (shelf, flat) = (Shelf::new(), DefaultMemoryImpl::default());
        let mut joined = shelf.open(chunk).unwrap();
        for op in ops {
            let size = flat.size() * WASM_PAGE as u64;
            // Often near an end of a chunk.
            let place = |at: u64, len: usize| {
                let room = size.saturating_sub(len as u64) + 1;
                let near = (at >> 8) % (flat.size() + 1) * WASM_PAGE as u64;
                if at.is_multiple_of(2) { at % room } else { near.saturating_sub(at % 100).min(room - 1) }
            };
            match op {
                Op::Grow(pages) => {
                    let grown = joined.grow(pages);
                    prop_assert!(grown < 0 || grown == flat.grow(pages));
                }
                Op::Write(at, bytes) if bytes.len() as u64 <= size => {
                    joined.write(place(at, bytes.len()), &bytes);
                    flat.write(place(at, bytes.len()), &bytes);
                }
                Op::Read(at, len) if len as u64 <= size => {
                    let (mut one, mut two) = (vec![1; len], vec![2; len]);
                    joined.read(place(at, len), &mut one);
                    flat.read(place(at, len), &mut two);
                    prop_assert!(one == two);
                }
                Op::Reopen => joined = shelf.open(chunk).unwrap(),
                Op::Limit(pages) => shelf.left.set(pages),
                Op::Write(..) | Op::Read(..) => {}
            }
            prop_assert_eq!(joined.size(), flat.size());
        }
        let (mut one, mut two) = (vec![1; flat.size() as usize * WASM_PAGE], vec![2; flat.size() as usize * WASM_PAGE]);
        shelf.open(chunk).unwrap().read(0, &mut one);
        flat.read(0, &mut two);
        prop_assert!(one == two);
    }
}

#[test]
fn growth_that_fails_half_way_leaves_the_size() {
    let shelf = Shelf::new();
    let memory = shelf.open(2).unwrap();
    assert_eq!(memory.grow(1), 0);
    // A header and one and a half chunks: the rest of the first, and one page of the second.
    shelf.left.set(1 + 2);
    assert_eq!((memory.grow(9), memory.size()), (-1, 1));
    let again = shelf.open(2).unwrap();
    assert_eq!(again.size(), 1);
    shelf.left.set(u64::MAX);
    assert_eq!((again.grow(9), again.size()), (1, 10));
    let mut bytes = vec![1; 10 * WASM_PAGE];
    again.read(0, &mut bytes);
    assert!(bytes.iter().all(|byte| *byte == 0));
    assert_eq!(shelf.open(2).unwrap().size(), 10);
}

#[test]
fn a_first_growth_that_fails_leaves_an_empty_memory() {
    let shelf = Shelf::new();
    shelf.left.set(0);
    assert_eq!(shelf.open(2).unwrap().grow(1), -1);
    // The header's page, but no header.
    shelf.memories.borrow()[0].grow(1);
    assert_eq!(shelf.open(2).unwrap().size(), 0);
    shelf.left.set(u64::MAX);
    assert_eq!(shelf.open(2).unwrap().grow(3), 0);
    assert_eq!(shelf.open(2).unwrap().size(), 3);
}

#[test]
fn growth_beyond_all_addresses_fails() {
    let memory = five().open(2).unwrap();
    for pages in [u64::MAX, u64::MAX - 9, u64::MAX / WASM_PAGE as u64, 1 << 40] {
        assert_eq!((memory.grow(pages), memory.size()), (-1, 9), "{pages}");
    }
}

#[test]
fn a_missing_chunk_is_refused() {
    for index in 0..5 {
        let shelf = five();
        shelf.set(index, &[]);
        let error = shelf.open(2).err().unwrap();
        assert!(matches!(error, ChunkError::Missing { index: i } if i == index as u32), "{error}");
    }
}

#[test]
fn swapped_chunks_are_refused() {
    let shelf = five();
    shelf.memories.borrow_mut().swap(1, 3);
    let error = shelf.open(2).err().unwrap();
    assert!(matches!(error, ChunkError::Misplaced { index: 1, found: 3 }), "{error}");
    let shelf = five();
    shelf.memories.borrow_mut().swap(0, 3);
    assert!(shelf.open(2).is_err());
}

#[test]
fn a_chunk_that_was_cut_off_is_refused() {
    for (index, pages) in [(0, 2), (2, 2), (2, 1), (4, 1)] {
        let shelf = five();
        shelf.set(index, &shelf.bytes(index)[..pages * WASM_PAGE]);
        let error = shelf.open(2).err().unwrap();
        assert!(matches!(error, ChunkError::Short { index: i, .. } if i == index as u32), "{error}");
    }
}

#[test]
fn another_size_of_chunks_is_refused() {
    for pages in [1, 3, 1 << 50] {
        let error = five().open(pages).err().unwrap();
        assert!(matches!(error, ChunkError::OtherSize { asked, found: 2 } if asked == pages), "{error}");
    }
}

#[test]
fn any_damage_to_what_is_checked_in_a_header_is_refused() {
    for index in 0..5 {
        for at in 0..48 {
            let shelf = five();
            let mut bytes = shelf.bytes(index);
            bytes[at] ^= 0x41;
            shelf.set(index, &bytes);
            let error = shelf.open(2).err().unwrap();
            let told = matches!(error, ChunkError::Foreign { .. } | ChunkError::NewerFormat { .. });
            assert!(told, "byte {at} of chunk {index}: {error}");
        }
    }
}

/// The number of pages is not covered by the check. What it could be damaged to is refused, or
/// shorter.
#[test]
fn a_damaged_number_of_pages_is_never_more_than_there_is() {
    for pages in [10, 11, 1 << 20, 1 << 40, u64::MAX] {
        let shelf = five();
        let mut bytes = shelf.bytes(0);
        bytes[48..56].copy_from_slice(&u64::to_le_bytes(pages));
        shelf.set(0, &bytes);
        let error = shelf.open(2).err().unwrap();
        assert!(matches!(error, ChunkError::Short { .. } | ChunkError::Missing { .. }), "{error}");
    }
}

/// Growing takes no memory that holds something else.
#[test]
fn a_foreign_memory_in_the_place_of_the_next_chunk_is_left_alone() {
    let shelf = five();
    drop(shelf.chunk(5));
    shelf.set(5, &[7; WASM_PAGE]);
    let memory = shelf.open(2).unwrap();
    assert_eq!((memory.grow(1), memory.size()), (9, 10));
    assert_eq!((memory.grow(1), memory.size()), (-1, 10));
    assert_eq!(shelf.bytes(5), [7; WASM_PAGE]);
}

type Files = ChunkedMemory<FileDirectory>;

#[graven::store]
struct Store {
    numbers: StableVec<u64, Files>,
    texts: BTreeMap<u32, String, Files>,
    events: Log<Vec<u8>, Files>,
}

fn fill(store: &mut Store, from: u32) {
    for number in from..from + 3_000 {
        store.numbers.push(number.into());
        store.texts.insert(number, "text".repeat(number as usize % 30));
        store.events.append(vec![number as u8; number as usize % 700]);
    }
}

fn check(store: &Store, end: u32) {
    store.numbers.verify().unwrap();
    store.texts.verify().unwrap();
    store.events.verify().unwrap();
    assert!(store.numbers.iter().eq(0..u64::from(end)));
    assert!(
        store
            .events
            .iter()
            .zip(0..end)
            .all(|(event, number)| event == vec![number as u8; number as usize % 700])
    );
    assert_eq!(store.texts.len(), u64::from(end));
}

#[test]
fn a_store_lives_in_the_files_of_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let open = || FileDirectory::open(directory.path(), 4 * WASM_PAGE as u64);
    for round in 0..3 {
        let memory = open().unwrap();
        let mut store = Store::open(memory.clone()).unwrap();
        check(&store, round * 3_000);
        fill(&mut store, round * 3_000);
        assert!(memory.chunks() > 5);
        let error = open().err().unwrap();
        assert!(matches!(error, ChunkError::InUse), "{error}");
    }
    check(&Store::open(open().unwrap()).unwrap(), 9_000);
}

fn files(chunks: u64) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let memory = FileDirectory::open(directory.path(), WASM_PAGE as u64).unwrap();
    assert_eq!(memory.grow(chunks), 0);
    memory.write(100, b"bytes");
    directory
}

fn refused(path: &Path) -> ChunkError {
    FileDirectory::open(path, WASM_PAGE as u64).err().unwrap()
}

#[test]
fn files_that_are_missing_swapped_or_cut_off_are_refused() {
    let directory = files(4);
    fs::remove_file(directory.path().join("chunk-2")).unwrap();
    assert!(matches!(refused(directory.path()), ChunkError::Missing { index: 2 }));

    let directory = files(4);
    let path = |name: &str| directory.path().join(name);
    fs::rename(path("chunk-1"), path("other")).unwrap();
    fs::rename(path("chunk-3"), path("chunk-1")).unwrap();
    fs::rename(path("other"), path("chunk-3")).unwrap();
    assert!(matches!(refused(directory.path()), ChunkError::Misplaced { index: 1, found: 3 }));

    let directory = files(4);
    let last = OpenOptions::new().write(true).open(directory.path().join("chunk-3")).unwrap();
    last.set_len(2 * WASM_PAGE as u64 - 1).unwrap();
    assert!(matches!(refused(directory.path()), ChunkError::Short { index: 3, expected: 2, found: 1 }));
}

/// A chunk of the same size and index, but of another memory.
#[test]
fn a_file_of_another_memory_is_refused() {
    let (one, two) = (files(4), files(4));
    fs::copy(one.path().join("chunk-2"), two.path().join("chunk-2")).unwrap();
    assert!(matches!(refused(two.path()), ChunkError::OtherSet { index: 2 }));
}

#[test]
fn a_store_whose_memory_was_set_back_is_truncated() {
    let directory = tempfile::tempdir().unwrap();
    let open = || FileDirectory::open(directory.path(), 4 * WASM_PAGE as u64).unwrap();
    let mut store = Store::open(open()).unwrap();
    fill(&mut store, 0);
    drop(store);
    // What the number of pages could be damaged to.
    let path = directory.path().join("chunk-0");
    let mut bytes = fs::read(&path).unwrap();
    bytes[48..56].copy_from_slice(&u64::to_le_bytes(3));
    fs::write(&path, bytes).unwrap();
    let error = Store::open(open()).err().unwrap();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
}

/// Sparse files: addresses of 600 GiB cost what is written.
#[test]
fn five_hundred_gibibytes_are_addresses() {
    let directory = tempfile::tempdir().unwrap();
    let gib = 1u64 << 30;
    let memory = FileDirectory::open(directory.path(), 8 * gib).unwrap();
    assert_eq!(memory.grow(600 * gib / WASM_PAGE as u64), 0);
    memory.write(512 * gib - 3, b"across");
    drop(memory);
    let memory = FileDirectory::open(directory.path(), 8 * gib).unwrap();
    let mut bytes = [0; 6];
    memory.read(512 * gib - 3, &mut bytes);
    assert_eq!((&bytes, memory.chunks(), memory.size()), (b"across", 75, 600 * gib / WASM_PAGE as u64));
}
