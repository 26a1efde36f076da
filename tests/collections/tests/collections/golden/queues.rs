//! PriorityQueues with free handles, a Slab, and Blobs inside of leaves, in a page, and in many
//! chunks; detached trees of all of them.

use graven::Reverse;
use graven::{Blobs, DefaultMemoryImpl, PriorityQueue, Slab};
use serde_json::{Value as Json, json};

use super::hex;

/// The longest chunk.
const LONGEST: usize = 1_048_552;

#[graven::store]
struct Queues {
    never_used: PriorityQueue<u32>,
    emptied: PriorityQueue<u32>,
    cleared: PriorityQueue<[u64; 3]>,
    numbers: PriorityQueue<u32>,
    deadlines: PriorityQueue<Reverse<(u64, String)>>,
    long: PriorityQueue<(u8, String)>,
    slab: Slab<String>,
    empty_slab: Slab<u32>,
    cleared_slab: Slab<Vec<u8>>,
    no_blobs: Blobs<u32>,
    files: Blobs<String>,
    pages: Blobs<(u32, bool)>,
    cleared_blobs: Blobs<String>,
    filler: Slab<Vec<u8>>,
}

fn queues(store: &mut Queues) {
    (0..3).for_each(|number| _ = store.emptied.push(number));
    while store.emptied.pop().is_some() {}
    let handles: Vec<_> =
        (0..600u32).map(|number| store.numbers.push(number.wrapping_mul(0x9e37_79b1))).collect();
    for index in [3, 50, 51, 399] {
        assert!(store.numbers.remove(handles[index]).is_some());
    }
    assert_eq!(store.numbers.push(5).to_u64(), 399 | 3 << 32);
    store.numbers.update(handles[100], u32::MAX);
    let text = |number: u64| Reverse((number * 7 % 10, "t".repeat(number as usize)));
    let handles: Vec<_> = (0..25).map(|number| store.deadlines.push(text(number))).collect();
    store.deadlines.pop();
    store.deadlines.remove(handles[13]);
    (0..12).for_each(|number| _ = store.long.push((number * 5 % 12, "k".repeat(900))));
    store.long.pop();
}

fn slabs(store: &mut Queues) {
    for number in 0..30 {
        assert_eq!(store.slab.insert("s".repeat(number * 20)), number as u64);
    }
    store.slab.remove(4);
    store.slab.remove(29);
    store.slab.replace(5, "five".into());
    store.slab.insert("y".repeat(2500));
    (0..3).for_each(|number| _ = store.empty_slab.insert(number));
    (0..3).for_each(|id| _ = store.empty_slab.remove(id));
}

/// Bytes of some length that are zero but for the first.
fn sparse(len: usize, first: u8) -> Vec<u8> {
    let mut bytes = vec![0; len];
    bytes.iter_mut().take(3).for_each(|byte| *byte = first);
    bytes
}

fn blobs(store: &mut Queues) {
    let name = |name: &str| name.to_owned();
    store.files.put(&name(""), b"no name");
    store.files.put(&name("empty"), &[]);
    store.files.put(&name("inline"), &sparse(300, 1));
    store.files.put(&name("page"), &sparse(4000, 2));
    store.files.put(&name("pages"), &sparse(10_000, 3));
    let mut large = sparse(LONGEST + 5_000, 4);
    large[LONGEST] = 5;
    store.files.put(&name("large"), &large);
    store.files.put(&name("a\0zero"), &sparse(20, 6));
    store.files.put(&name("gone"), &sparse(9_000, 7));
    store.files.remove(&name("gone"));
    store.files.put(&name("short"), &sparse(9_000, 8));
    store.files.truncate(&name("short"), 5_000);
    for number in 0..4 {
        store.pages.put(&(number, false), &sparse(2_500, number as u8 + 1));
        store.pages.append(&(number, true), &sparse(40, 0x11));
    }
    // A page that was filled, then a chunk behind it.
    store.pages.append(&(9, true), &sparse(4_000, 0x21));
    store.pages.append(&(9, true), &sparse(400, 0x22));
}

/// The detached trees are of the collections here: a heap with its handles, nodes with chains,
/// chunks.
fn dead(store: &mut Queues) {
    (0..300).for_each(|number| _ = store.cleared.push([number; 3]));
    (0..6).for_each(|_| _ = store.cleared_slab.insert(sparse(900, 0x31)));
    store.cleared_slab.insert(sparse(9_000, 0x32));
    store.cleared_blobs.put("a", &sparse(100_000, 0x33));
    store.cleared_blobs.put("b", &sparse(100, 0x34));
    store.cleared.clear();
    store.cleared_slab.clear();
    store.cleared_blobs.clear();
    let before = store.usage().free;
    (0..5).for_each(|_| _ = store.filler.insert(sparse(1_500, 0x35)));
    assert!(store.usage().detached && store.usage().free <= before);
    store.cleared.push([1; 3]);
}

/// Writes the memory, and answers its listing.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = Queues::open(memory.clone()).unwrap();
    queues(&mut store);
    slabs(&mut store);
    blobs(&mut store);
    dead(&mut store);
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let mut store = Queues::open(memory.clone()).unwrap();
    let stored = stored(&store);
    let before = super::listing(memory);
    pops(&mut Queues::open(copy(memory)).unwrap());
    assert_eq!(before, super::listing(memory));
    compare(&mut store);
    stored
}

fn copy(memory: &DefaultMemoryImpl) -> DefaultMemoryImpl {
    graven_tests::memory::memory_of(&graven_tests::memory::image(memory))
}

/// Values come out in their order.
fn pops(store: &mut Queues) {
    let mut numbers: Vec<u32> = (0..600u32)
        .filter(|number| ![3, 50, 51, 399, 100].contains(number))
        .map(|number| number.wrapping_mul(0x9e37_79b1))
        .chain([5, u32::MAX])
        .collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(std::iter::from_fn(|| store.numbers.pop()).collect::<Vec<_>>(), numbers);
    assert_eq!(store.deadlines.pop(), Some(Reverse((0, "t".repeat(10)))));
}

fn compare(store: &mut Queues) {
    store.numbers.verify().unwrap();
    store.deadlines.verify().unwrap();
    store.long.verify().unwrap();
    store.slab.verify().unwrap();
    store.files.verify().unwrap();
    store.pages.verify().unwrap();
    assert_eq!(store.slab.get(5).as_deref(), Some("five"));
    let large = store.files.get("large").unwrap();
    assert_eq!((large.len(), large[LONGEST]), (LONGEST + 5_000, 5));
    assert_eq!(store.pages.read(&(9, true), 3_999, 3), Some(vec![0, 0x22, 0x22]));
}

/// Returns the stored content. The positions in queues come from the code; the decoder checks that
/// they form a heap.
fn stored(store: &Queues) -> Vec<Json> {
    let queue = |name: &str, entries: Vec<Json>, free: &[u64]| json!({ "name": name, "collection": "PriorityQueue", "entries": entries, "free": free });
    let slab = |name: &str, entries: Vec<Json>, next: u64| json!({ "name": name, "collection": "Slab", "entries": entries, "next": next.to_string() });
    let blobs =
        |name: &str, chunks: Vec<Json>| json!({ "name": name, "collection": "Blobs", "chunks": chunks });
    let text = |id: u64| match id {
        5 => "five".to_owned(),
        30 => "y".repeat(2500),
        _ => "s".repeat(id as usize * 20),
    };
    let in_slab = (0..31).filter(|id| ![4, 29].contains(id)).map(|id| json!([id.to_string(), text(id)]));
    let chunk = |key: Json, offset: usize, len: usize, first: u8| {
        json!([key, offset.to_string(), len, hex(&[first; 3])])
    };
    let files = vec![
        json!(["", "0", 7, hex(b"no name")]),
        chunk(json!("a\0zero"), 0, 20, 6),
        json!(["empty", "0", 0, ""]),
        chunk(json!("inline"), 0, 300, 1),
        chunk(json!("large"), 0, LONGEST, 4),
        json!(["large", LONGEST.to_string(), 5_000, "05"]),
        chunk(json!("page"), 0, 4_000, 2),
        chunk(json!("pages"), 0, 10_000, 3),
        chunk(json!("short"), 0, 5_000, 8),
    ];
    let mut pages = Vec::new();
    for number in 0..4u8 {
        pages.push(chunk(json!([number, false]), 0, 2_500, number + 1));
        pages.push(chunk(json!([number, true]), 0, 40, 0x11));
    }
    // The chain of the first chunk is a page that has room for 72 bytes more.
    let mut filled = sparse(4_000, 0x21);
    filled.extend([0x22; 3]);
    pages.push(json!([[9, true], "0", 4_072, hex(&filled)]));
    pages.push(json!([[9, true], "4072", 328, ""]));
    let numbers = store.numbers.iter().map(|(handle, value)| json!([value, handle.to_u64().to_string()]));
    let deadline = |Reverse((at, text)): Reverse<(u64, String)>| json!([at.to_string(), text]);
    let deadlines = store.deadlines.iter();
    let deadlines = deadlines.map(|(handle, value)| json!([deadline(value), handle.to_u64().to_string()]));
    let long = store.long.iter().map(|(handle, value)| json!([value, handle.to_u64().to_string()]));
    let cleared = store
        .cleared
        .iter()
        .map(|(handle, value)| json!([value.map(|part| part.to_string()), handle.to_u64().to_string()]));
    let filler = (0..5u8).map(|id| json!([id.to_string(), hex(&sparse(1_500, 0x35))]));
    vec![
        queue("never_used", vec![], &[]),
        queue("emptied", vec![], &[0, 1, 2]),
        queue("cleared", cleared.collect(), &[]),
        queue("numbers", numbers.collect(), &[51, 50, 3]),
        queue("deadlines", deadlines.collect(), &[13, 0]),
        queue("long", long.collect(), &[7]),
        slab("slab", in_slab.collect(), 31),
        slab("empty_slab", vec![], 3),
        slab("cleared_slab", vec![], 7),
        blobs("no_blobs", vec![]),
        blobs("files", files),
        blobs("pages", pages),
        blobs("cleared_blobs", vec![]),
        slab("filler", filler.collect(), 5),
    ]
}
