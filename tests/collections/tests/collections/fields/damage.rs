//! Bytes that no version of the code writes: typed errors, and nothing without an end.

use graven::{BTreeMap, Cell, Damage, Error, HashMap, Memory, Slab, StableLayout, StableVec, open};
use graven_collection_tests::fields::Fields;
use graven_core::layout::Invalid;
use graven_tests::memory::{Bytes, Metered, image, memory_of};
use graven_tests::panics::{caught, last_place};
use graven_tests::rng::Rng;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Record {
    flag: bool,
    name: String,
    number: u64,
    bytes: std::vec::Vec<u8>,
    word: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Newer {
    flag: bool,
    #[layout(since = 2)]
    more: u64,
    name: String,
    #[layout(was(u64, until = 2))]
    number: u128,
    bytes: std::vec::Vec<u8>,
    word: String,
}

fn record(bytes: usize) -> Record {
    Record { flag: true, name: "needle".into(), number: 5, bytes: vec![8; bytes], word: "last".into() }
}

fn damaged<T: core::fmt::Debug>(result: Result<T, Error>, expected: impl Into<Damage>) {
    match result {
        Err(Error::Damaged { reason, .. }) => assert_eq!(reason, expected.into()),
        other => panic!("{other:?}"),
    }
}

/// The head of the record: flag, end of name, number, end of bytes, end of word; the name follows.
const HEAD: u64 = 1 + 4 + 8 + 4 + 4;

#[test]
fn fields_are_checked_as_whole_values_are() {
    for large in [40, 6_000] {
        let memory = Bytes::default();
        let mut map: BTreeMap<u64, Record, Bytes> = open("map", memory.clone()).unwrap();
        map.insert(1, record(large));
        let at = image(&memory).windows(6).position(|bytes| bytes == b"needle").unwrap() as u64 - HEAD;
        memory.write(at, &[2]);
        damaged(map.try_get_field(&1, Record::FLAG), Invalid("a bool is neither 0 nor 1"));
        damaged(map.try_set_field(&1, Record::FLAG, true), Invalid("a bool is neither 0 nor 1"));
        damaged(
            map.try_view(&1, |view| view.try_get(Record::FLAG)).unwrap().unwrap(),
            Invalid("a bool is neither 0 nor 1"),
        );
        assert_eq!(map.get_field(&1, Record::NUMBER), Some(5), "other fields are not looked at");
        memory.write(at, &[1]);
        memory.write(at + HEAD, &[0xff]);
        damaged(map.try_get_field(&1, Record::NAME), Invalid("a string is not UTF-8"));
        damaged(
            map.try_view(&1, |view| view.try_str(Record::NAME).map(drop)).unwrap().unwrap(),
            Invalid("a string is not UTF-8"),
        );
        memory.write(at + 1, &u32::MAX.to_le_bytes());
        damaged(map.try_get_field(&1, Record::NAME), Invalid("a field ends behind its record"));
        damaged(map.try_get_field(&1, Record::BYTES), Invalid("a field ends before it begins"));
        memory.write(at + 1, &6u32.to_le_bytes());
        memory.write(at + 17, &(large as u32 + 11).to_le_bytes());
        damaged(map.try_get_field(&1, Record::WORD), Invalid("a field ends behind its record"));
    }
}

#[test]
fn a_chain_that_is_too_short_is_found_out() {
    let memory = Bytes::default();
    let mut cell: Cell<Record, Bytes> = open("cell", memory.clone()).unwrap();
    cell.set(record(20_000));
    let bytes = image(&memory);
    let head = bytes.windows(6).position(|bytes| bytes == b"needle").unwrap() as u64 - HEAD - 24;
    let short = Damage::OverflowTooShort;
    // One page, none after it.
    memory.write(head + 4, &1u32.to_le_bytes());
    damaged(cell.try_get_field(Record::WORD), short);
    damaged(cell.try_get_field(Record::BYTES), short);
    assert_eq!(cell.get_field(Record::NUMBER), Some(5), "what is in front is there");
    // In circles: there is an end to it, whatever is read until then.
    memory.write(head + 8, &(head as u32 / 4096).to_le_bytes());
    let _ = cell.try_get_field(Record::WORD);
    memory.write(head + 16, &2u32.to_le_bytes());
    damaged(cell.try_get_field(Record::WORD), short);
    memory.write(head, &[9]);
    damaged(cell.try_get_field(Record::NUMBER), Damage::WrongKind);
}

fn use_fields<C: Fields<Newer>>(collection: &mut C, index: u64, rng: &mut Rng) {
    let _ = collection.field(index, Newer::FLAG);
    let _ = collection.field(index, Newer::MORE);
    let _ = collection.field(index, Newer::NAME);
    let _ = collection.field(index, Newer::NUMBER);
    let _ = collection.field(index, Newer::BYTES);
    let _ = collection.field(index, Newer::WORD);
    let _ = collection.look(index, |view| {
        let _ = (view.try_get(Newer::BYTES), view.try_to_owned());
        view.try_str(Newer::WORD).is_ok()
    });
    match rng.below(3) {
        0 => drop(collection.set(index, Newer::NUMBER, 1)),
        1 => drop(collection.update(index, Newer::FLAG, |flag| *flag = !*flag)),
        _ => drop(collection.set(index, Newer::MORE, 2)),
    }
}

fn survives<C: Fields<Record, Memory = Metered>>(seed: u64, times: u64) {
    let (bytes, rng) = (Bytes::default(), &mut Rng::new(seed));
    let mut collection: C = open("root", Metered::new(bytes.clone(), u64::MAX)).unwrap();
    (0..if C::MANY { 40 } else { 1 })
        .for_each(|index| collection.put(index, record(index as usize % 7 * 900)));
    drop(collection);
    let mut collection: C::Of<Newer> = open("root", Metered::new(bytes.clone(), u64::MAX)).unwrap();
    (0..20).step_by(3).for_each(|index| drop(collection.set(index, Newer::MORE, 1)));
    drop(collection);
    let sound = image(&bytes);
    let used = sound.len() - sound.iter().rev().take_while(|byte| **byte == 0).count();
    for _ in 0..times {
        let mut bytes = sound.clone();
        for _ in 0..1 + rng.below(3) {
            let at = 4096 + rng.below(used as u64 - 4096) as usize;
            bytes[at] = if rng.once_in(2) { rng.any() as u8 } else { bytes[at] ^ 1 << rng.below(8) };
        }
        let ran = caught(|| {
            let memory = Metered::new(memory_of(&bytes), 100_000);
            let Ok(mut collection) = open::<C::Of<Newer>>("root", memory) else { return };
            (0..40).for_each(|index| use_fields(&mut collection, index, rng));
        });
        assert_eq!(ran, Ok(()), "{}", last_place());
    }
}

#[test]
fn random_damage_is_survived() {
    survives::<BTreeMap<u64, Record, Metered>>(1, 400);
    survives::<StableVec<Record, Metered>>(2, 400);
    survives::<Cell<Record, Metered>>(3, 400);
    survives::<HashMap<u64, Record, Metered>>(4, 400);
    survives::<Slab<Record, Metered>>(5, 100);
}
