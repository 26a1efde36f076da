//! The last array of a sequence, which counts its values itself.

use std::collections::VecDeque;

use graven::{Damage, Deque, Error, Log, PriorityQueue, RankedMap, StableLayout, StableVec, open};
use graven_core::store::inspect;
use graven_tests::memory::{Bytes, Watched, image, memory_of};
use graven_tests::rng::Rng;

#[test]
fn a_repeated_push_or_pop_is_a_single_write() {
    let memory = Watched::new(Bytes::default());
    let mut list: StableVec<u64, _> = open("list", memory.clone()).unwrap();
    list.extend([0; 4]);
    let _ = memory.take();
    for _ in 0..300 {
        list.push(0);
        let written = memory.take();
        assert_eq!((written.pages.len(), written.bytes), (1, 8 + 2), "a value and a count");
    }
    assert_eq!(list.pop(), Some(0));
    let _ = memory.take();
    for _ in 0..200 {
        assert_eq!(list.pop(), Some(0));
        let written = memory.take();
        assert_eq!(
            (written.pages.len(), written.bytes),
            (1, 2 + 8),
            "a count over the value and the old one"
        );
    }
    assert_eq!(list.len(), 103);
    list.verify().unwrap();
}

/// Mostly zeros, which look like the rest of an array.
fn value<const N: usize>(rng: &mut Rng) -> [u8; N] {
    let byte = |rng: &mut Rng| if rng.once_in(8) { rng.any() as u8 } else { 0 };
    core::array::from_fn(|_| byte(rng))
}

fn is_kept<const N: usize>(seed: u64, steps: u64)
where
    [u8; N]: StableLayout,
{
    let (memory, rng) = (Bytes::default(), &mut Rng::new(seed));
    let mut list: Deque<[u8; N]> = open("list", memory.clone()).unwrap();
    let mut model = VecDeque::new();
    for step in 0..steps {
        let many = 1 + rng.below(12);
        match rng.below(20) {
            0..6 => (0..many).for_each(|_| {
                let value = value(rng);
                list.push_back(value);
                model.push_back(value);
            }),
            6..8 => (0..many).for_each(|_| {
                let value = value(rng);
                list.push_front(value);
                model.push_front(value);
            }),
            8..11 => (0..many).for_each(|_| assert_eq!(list.pop_back(), model.pop_back())),
            11..14 => (0..many).for_each(|_| assert_eq!(list.pop_front(), model.pop_front())),
            14 => {
                let (at, value) = (rng.below(model.len() as u64 + 1), value(rng));
                list.insert(at, value);
                model.insert(at as usize, value);
            }
            15 if !model.is_empty() => {
                let at = rng.below(model.len() as u64);
                assert_eq!(list.remove(at), model.remove(at as usize));
            }
            16 if !model.is_empty() => {
                let (at, value) = (rng.below(model.len() as u64), value(rng));
                list.set(at, value);
                model[at as usize] = value;
            }
            17 if rng.once_in(10) => {
                let len = rng.below(model.len() as u64 + 1);
                list.truncate(len);
                model.truncate(len as usize);
            }
            18 if rng.once_in(40) => {
                list.clear();
                model.clear();
            }
            _ => {
                drop(list);
                let root = &inspect(memory.clone()).unwrap()[0];
                assert_eq!(root.entries, model.len() as u64);
                list = open("list", memory.clone()).unwrap();
            }
        }
        assert_eq!(list.len(), model.len() as u64);
        if step % 16 == 0 {
            list.verify().unwrap();
            assert!(list.iter().eq(model.iter().copied()));
        }
    }
}

#[test]
fn counts_are_those_of_a_model_over_many_openings() {
    (0..4).for_each(|seed| is_kept::<1>(seed, 6_000));
    (0..4).for_each(|seed| is_kept::<8>(seed, 6_000));
    (0..4).for_each(|seed| is_kept::<16>(seed, 4_000));
    (0..4).for_each(|seed| is_kept::<64>(seed, 4_000));
    (0..4).for_each(|seed| is_kept::<100>(seed, 3_000));
    (0..4).for_each(|seed| is_kept::<1016>(seed, 2_000));
}

/// Opens a list after a byte of its last array was changed.
fn opened_with(at: usize, byte: u8) -> graven::Result<StableVec<u64>> {
    let memory = Bytes::default();
    let mut list: StableVec<u64> = open("list", memory.clone()).unwrap();
    list.extend(0..100);
    drop(list);
    let mut bytes = image(&memory);
    let array = bytes.chunks(4096).position(|page| page[0] == 7).unwrap();
    bytes[4096 * array + at] = byte;
    open("list", memory_of(&bytes))
}

#[test]
fn a_last_array_that_does_not_say_its_count_is_refused_by_name() {
    assert_eq!(opened_with(32 + 8 * 99, 7).unwrap().get(99), Some(7));
    let end = 32 + 8 * 100;
    for (at, byte) in [(end, 0), (end, 99), (end + 1, 0), (end + 2, 1), (4095, 1), (end + 1, 0x81), (4, 7)] {
        match opened_with(at, byte).map(|list| list.len()) {
            Err(Error::Damaged { root, reason: Damage::ArrayCount, .. }) => {
                assert_eq!(root.as_deref(), Some("list"), "byte {at}");
            }
            other => panic!("byte {at}: {other:?}"),
        }
    }
    // A page of another collection counts nothing.
    assert!(matches!(opened_with(12, 0), Err(Error::Damaged { reason: Damage::WrongOwner, .. })));
    assert!(matches!(opened_with(0, 6), Err(Error::Damaged { reason: Damage::WrongKind, .. })));
}

#[test]
fn a_list_whose_last_array_counts_is_not_taken_for_empty() {
    #[graven::store]
    struct Lists {
        list: StableVec<u64>,
        log: Log<[u8; 64]>,
        queue: PriorityQueue<u64>,
        ranks: RankedMap<u64, u64>,
    }
    #[graven::store]
    struct Others {
        other: StableVec<u64>,
    }
    let memory = Bytes::default();
    let mut lists = Lists::open(memory.clone()).unwrap();
    for n in 0..700 {
        lists.list.push(n);
        lists.log.append([n as u8; 64]);
        lists.queue.push(n);
        lists.ranks.insert(n, n);
    }
    drop(lists);
    let roots = inspect(memory.clone()).unwrap();
    assert!(roots.iter().all(|root| root.entries == 700), "{roots:?}");
    assert_eq!(roots[0].bytes, 700 * 8);
    let refused = Others::open(memory.clone()).map(|_| ()).unwrap_err().to_string();
    for name in ["list", "log", "queue", "ranks"] {
        assert!(refused.contains(name) && refused.contains("700 entries"), "{refused}");
    }
    let lists = Lists::open(memory).unwrap();
    assert_eq!([lists.list.len(), lists.log.len(), lists.queue.len(), lists.ranks.len()], [700; 4]);
    for root in [lists.list.verify(), lists.log.verify(), lists.queue.verify(), lists.ranks.verify()] {
        root.unwrap();
    }
}

/// A changed layout is written with the root's header, which then had both the old and the new
/// count.
#[test]
fn values_in_the_last_array_were_counted_again_with_each_changed_layout() {
    #[derive(StableLayout)]
    #[layout(version = 1, name = "Point")]
    struct One {
        x: u32,
    }
    #[derive(StableLayout)]
    #[layout(version = 2, name = "Point")]
    struct Two {
        x: u32,
        #[layout(since = 2, default = 0)]
        y: u32,
    }
    #[derive(StableLayout)]
    #[layout(version = 3, name = "Point")]
    struct Three {
        x: u32,
        #[layout(since = 2, default = 0)]
        y: u32,
        #[layout(since = 3, default = 0)]
        z: u32,
    }
    let memory = Bytes::default();
    let mut list: StableVec<One> = open("list", memory.clone()).unwrap();
    (0..300).for_each(|x| list.push(One { x }));
    drop(list);
    drop(open::<StableVec<Two>>("list", memory.clone()).unwrap());
    let mut list: StableVec<Three> = open("list", memory).unwrap();
    list.verify().unwrap();
    assert_eq!(list.stats().bytes, 300 * 4);
    list.push(Three { x: 1, y: 2, z: 3 });
    list.verify().unwrap();
    assert_eq!(
        list.iter().map(|point| u64::from(point.x + point.y + point.z)).sum::<u64>(),
        300 * 299 / 2 + 6
    );
}
