//! PriorityQueues: section 9.

use super::bytes::Reader;
use super::memory::Memory;
use super::roots::{OWN_LAYOUT, Root, State, zero};
use super::sequence::{EXTRA, Extra, Sequence};

const HANDLES: usize = 256;
const HANDLES_EXTRA: usize = 288;
const FREE: usize = 352;
const ROW: usize = 8;
const CHILDREN: usize = 8;

/// A queue as it is stored.
pub struct Queue {
    /// Keys and handles by place, from the greatest on.
    pub values: Vec<(Vec<u8>, u64)>,
    /// The free rows' indices, in the order of their list.
    pub free: Vec<u64>,
}

struct Row {
    place: u64,
    number: u32,
    used: bool,
}

/// Reads a queue whose keys have the given size.
pub fn queue(memory: &Memory, root: &Root, key: Option<usize>) -> Queue {
    let heap = heap(memory, root, key);
    let (rows, mut free_row) = handles(memory, root);
    let mut values = Vec::new();
    for (place, (key, index)) in heap.into_iter().enumerate() {
        let row = &rows[index as usize];
        assert!(row.used && row.place == place as u64, "row {index} is that of place {place}");
        values.push((key, index | u64::from(row.number) << 32));
    }
    let mut free = Vec::new();
    while free_row != 0 {
        let index = free_row - 1;
        let row = &rows[index as usize];
        assert!(!row.used && !free.contains(&index), "row {index} is free once");
        free.push(index);
        free_row = row.place;
    }
    assert_eq!(free.len() + values.len(), rows.len(), "a row is free or that of a value");
    Queue { values, free }
}

/// Keys and indices of handles by place.
fn heap(memory: &Memory, root: &Root, key: Option<usize>) -> Vec<(Vec<u8>, u64)> {
    let extra = Extra::whole(&root.extra[..HANDLES]);
    assert_eq!((extra.first, extra.dropped), (0, 0), "a heap begins at position 0");
    let size = |layout: u16| {
        assert_eq!(layout, OWN_LAYOUT, "the layout of a heap's values");
        key.map(|key| key + 4)
    };
    let sequence = Sequence { memory, owner: root.page, state: &root.state, extra: &extra, size: &size };
    let found = sequence.read();
    assert_eq!(root.state.pages, 1 + found.pages, "{}: pages of the heap", root.name);
    let part = |value: &[u8]| {
        let (key, index) = value.split_at(value.len() - 4);
        (key.to_vec(), Reader::new(index).u32().into())
    };
    let heap: Vec<(Vec<u8>, u64)> = found.values.iter().map(|stored| part(&stored.value)).collect();
    for place in 1..heap.len() {
        assert!(
            heap[place].0 <= heap[(place - 1) / CHILDREN].0,
            "place {place} is not greater than the one above"
        );
    }
    heap
}

/// Returns the rows of handles, and 1 + the index of the first free one.
fn handles(memory: &Memory, root: &Root) -> (Vec<Row>, u64) {
    let mut reader = Reader::new(&root.extra[HANDLES..HANDLES_EXTRA]);
    let state = State::read(&mut reader);
    zero(reader.rest());
    let extra = Extra::read(&root.extra[HANDLES_EXTRA..]);
    zero(&root.extra[HANDLES_EXTRA + EXTRA..FREE]);
    zero(&root.extra[FREE + 8..]);
    assert_eq!(extra.first, 0, "handles begin at position 0");
    let size = |layout: u16| {
        assert_eq!(layout, OWN_LAYOUT, "the layout of handles");
        Some(ROW)
    };
    let found = Sequence { memory, owner: root.page, state: &state, extra: &extra, size: &size }.read();
    let pages = if state.pages == 0 { 0 } else { 1 + found.pages };
    assert_eq!(state.pages, pages, "{}: pages of the handles", root.name);
    let row = |bytes: &[u8]| {
        let mut reader = Reader::new(bytes);
        let (place, number) = (reader.u32().into(), reader.u32());
        let used = number % 2 == 1;
        assert_eq!(extra.dropped % 2, 0, "the highest number of a free row");
        assert!(u64::from(number) <= extra.dropped + u64::from(used), "number of a handle");
        Row { place, number, used }
    };
    let rows = found.values.iter().map(|stored| row(&stored.value)).collect();
    (rows, Reader::new(&root.extra[FREE..]).u64())
}
