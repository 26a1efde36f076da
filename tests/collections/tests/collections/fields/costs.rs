//! The costs of fields, counted in bytes and accesses.

use graven::{BTreeMap, Cell, Field, HashMap, StableLayout, StableVec, open};
use graven_collection_tests::counted::{Count, Counted};

/// 1 KiB, all of it of constant size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Fixed {
    picture: [u8; 1008],
    balance: u64,
    votes: u64,
}

/// 1 KiB, in three fields that vary and one that does not.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Varying {
    name: String,
    picture: std::vec::Vec<u8>,
    balance: u64,
    note: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Outer {
    first: String,
    inner: Varying,
}

const FIXED: Fixed = Fixed { picture: [7; 1008], balance: 10, votes: 3 };

fn varying(bytes: usize) -> Varying {
    Varying { name: "Ada".into(), picture: vec![7; bytes], balance: 10, note: "hello".into() }
}

fn map_of<V: StableLayout>(value: V) -> (Counted, BTreeMap<u64, V, Counted>) {
    let memory = Counted::default();
    let mut map = open::<BTreeMap<u64, V, Counted>>("map", memory.clone()).unwrap();
    map.insert(7, value);
    (memory, map)
}

fn reads(reads: u64, read_bytes: u64) -> Count {
    Count { reads, read_bytes, ..Count::default() }
}

/// The cost of finding the only key: the leaf's header, its slot, the key.
const FIND: Count = Count { reads: 3, read_bytes: 32 + 2 + 8, writes: 0, written_bytes: 0 };

/// The cost if cells are fixed: the leaf's header, a group of the table, the key.
const FIND_FIXED: Count = Count { reads: 3, read_bytes: 32 + 16 + 8, writes: 0, written_bytes: 0 };

/// The cost if cells begin with a length, which is read as well.
const FIND_VARYING: Count = Count { reads: 4, read_bytes: 32 + 2 + 8 + 2, writes: 0, written_bytes: 0 };

fn plus(found: Count, more: Count) -> Count {
    Count {
        reads: found.reads + more.reads,
        read_bytes: found.read_bytes + more.read_bytes,
        writes: more.writes,
        written_bytes: more.written_bytes,
    }
}

#[test]
fn eight_bytes_of_a_kibibyte_cost_what_a_number_costs() {
    let (memory, numbers) = map_of(5u64);
    let (_, number) = memory.count(|| numbers.get(&7).unwrap());
    let (memory, map) = map_of(FIXED);
    let (balance, count) = memory.count(|| map.get_field(&7, Fixed::BALANCE));
    assert_eq!(balance, Some(10));
    // A short value is read with its key, a field by itself.
    assert_eq!(count, plus(number, Count { reads: 1, ..Count::default() }));
    assert_eq!(count, plus(FIND_FIXED, reads(1, 8)));
    let (_, whole) = memory.count(|| map.get(&7).unwrap());
    assert_eq!(whole, plus(FIND_FIXED, reads(0, 1024)));
}

#[test]
fn a_field_of_constant_size_has_a_constant_place_in_a_record_that_varies() {
    let (memory, map) = map_of(varying(1000));
    let (balance, count) = memory.count(|| map.get_field(&7, Varying::BALANCE));
    assert_eq!((balance, count), (Some(10), plus(FIND_VARYING, reads(1, 8))));
}

#[test]
fn a_field_that_varies_is_found_by_its_ends() {
    let (memory, map) = map_of(varying(1000));
    let (name, count) = memory.count(|| map.get_field(&7, Varying::NAME).unwrap());
    assert_eq!((name.as_str(), count), ("Ada", plus(FIND_VARYING, reads(2, 4 + 3))));
    // Both ends and the eight bytes of `balance` between them in one read.
    let (note, count) = memory.count(|| map.get_field(&7, Varying::NOTE).unwrap());
    assert_eq!((note.as_str(), count), ("hello", plus(FIND_VARYING, reads(2, 16 + 5))));
    let path: Field<Outer, String> = Outer::INNER.then(Varying::NAME);
    let (memory, map) = map_of(Outer { first: String::new(), inner: varying(1000) });
    let (name, count) = memory.count(|| map.get_field(&7, path).unwrap());
    assert_eq!((name.as_str(), count), ("Ada", plus(FIND_VARYING, reads(3, 8 + 4 + 3))));
}

#[test]
fn a_field_of_a_large_value_is_read_from_its_chain() {
    let (memory, map) = map_of(varying(1 << 20));
    let (balance, count) = memory.count(|| map.get_field(&7, Varying::BALANCE));
    let head = reads(1, 8);
    // The cell's head, the extent's header, the field.
    assert_eq!((balance, count), (Some(10), plus(plus(FIND, head), reads(2, 24 + 8))));
    let (note, count) = memory.count(|| map.get_field(&7, Varying::NOTE).unwrap());
    assert_eq!((note.as_str(), count), ("hello", plus(plus(FIND, head), reads(4, 24 + 16 + 24 + 5))));
}

#[test]
fn setting_writes_just_the_field() {
    let written = |bytes| Count { writes: 1, written_bytes: bytes, ..Count::default() };
    let (memory, mut map) = map_of(FIXED);
    let (old, count) = memory.count(|| map.set_field(&7, Fixed::VOTES, 4));
    assert_eq!((old, count), (Some(3), plus(plus(FIND_FIXED, reads(1, 8)), written(8))));
    let (_, count) = memory.count(|| map.set_field(&7, Fixed::VOTES, 4));
    assert_eq!(count.writes, 0, "what stays as it is is not written");
    let (memory, mut map) = map_of(varying(1 << 20));
    let (_, count) = memory.count(|| map.update_field(&7, Varying::BALANCE, |balance| *balance += 1));
    assert_eq!((count.writes, count.written_bytes), (1, 8));
    assert_eq!(map.get(&7), Some(Varying { balance: 11, ..varying(1 << 20) }));
    map.verify().unwrap();
}

#[test]
fn elements_and_cells_cost_their_field() {
    let memory = Counted::default();
    let mut list: StableVec<Small, Counted> = open("list", memory.clone()).unwrap();
    list.extend((0..100).map(|i| Small { picture: [1; 500], votes: i }));
    let _ = list.get(50);
    let (votes, count) = memory.count(|| list.get_field(50, Small::VOTES));
    assert_eq!((votes, count), (Some(50), reads(1, 8)));
    let (_, count) = memory.count(|| list.set_field(50, Small::VOTES, 1));
    assert_eq!((count.reads, count.writes, count.written_bytes), (1, 1, 8));
    let memory = Counted::default();
    let mut cell: Cell<Varying, Counted> = open("cell", memory.clone()).unwrap();
    cell.set(varying(1000));
    let (balance, count) = memory.count(|| cell.get_field(Varying::BALANCE));
    assert_eq!((balance, count), (Some(10), reads(2, 24 + 8)));
    let (_, count) = memory.count(|| cell.set_field(Varying::BALANCE, 11));
    assert_eq!((count.writes, count.written_bytes), (1, 8));
}

/// A page's header, a group of the table, the key.
const FIND_HASHED: Count = Count { reads: 3, read_bytes: 32 + 16 + 8, writes: 0, written_bytes: 0 };

#[test]
fn entries_of_a_hash_map_cost_their_field() {
    let memory = Counted::default();
    let mut map: HashMap<u64, Fixed, Counted> = open("map", memory.clone()).unwrap();
    map.insert(7, FIXED);
    let (balance, count) = memory.count(|| map.get_field(&7, Fixed::BALANCE));
    assert_eq!((balance, count), (Some(10), plus(FIND_HASHED, reads(1, 8))));
    let (_, count) = memory.count(|| map.set_field(&7, Fixed::VOTES, 4));
    assert_eq!(count, Count { writes: 1, written_bytes: 8, ..plus(FIND_HASHED, reads(1, 8)) });
    let (_, count) = memory.count(|| map.set_field(&7, Fixed::VOTES, 4));
    assert_eq!(count.writes, 0, "what stays as it is is not written");
    map.verify().unwrap();
    let memory = Counted::default();
    let mut map: HashMap<u64, Varying, Counted> = open("map", memory.clone()).unwrap();
    map.insert(7, varying(1 << 20));
    let (balance, count) = memory.count(|| map.update_field(&7, Varying::BALANCE, |balance| *balance + 1));
    assert_eq!((balance, count.writes), (Some(11), 0));
    let (_, count) = memory.count(|| map.set_field(&7, Varying::BALANCE, 12));
    assert_eq!((count.writes, count.written_bytes), (1, 8));
    assert_eq!(map.get(&7), Some(Varying { balance: 12, ..varying(1 << 20) }));
    map.verify().unwrap();
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Small {
    picture: [u8; 500],
    votes: u64,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Later {
    #[layout(was(String, until = 2, with = |name| name.len() as u64))]
    name: u64,
    #[layout(since = 2, default = 3)]
    karma: u64,
    picture: std::vec::Vec<u8>,
    balance: u64,
    note: String,
}

#[test]
fn fields_of_old_records_cost_what_was_stored_of_them() {
    let memory = Counted::default();
    let mut map: BTreeMap<u64, Varying, Counted> = open("map", memory.clone()).unwrap();
    map.insert(7, varying(1000));
    drop(map);
    let map: BTreeMap<u64, Later, Counted> = open("map", memory.clone()).unwrap();
    let (karma, count) = memory.count(|| map.get_field(&7, Later::KARMA));
    assert_eq!((karma, count), (Some(3), FIND_VARYING), "what was added since is not read");
    let (balance, count) = memory.count(|| map.get_field(&7, Later::BALANCE));
    assert_eq!((balance, count), (Some(10), plus(FIND_VARYING, reads(1, 8))));
    let (name, count) = memory.count(|| map.get_field(&7, Later::NAME));
    assert_eq!((name, count), (Some(3), plus(FIND_VARYING, reads(2, 4 + 3))));
}
