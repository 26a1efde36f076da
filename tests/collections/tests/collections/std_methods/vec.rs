//! `Vec`, with what it has of slices.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::{Budget, Collection, Options, StableVec as Stable, Store};
use graven_tests::memory::Bytes;

const HEAP: &str = "a collection in stable memory has no buffer on the heap; pages come as they are needed";
const WHOLE: &str = "a collection in stable memory is not consumed; `iter` gives copies";

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("with_capacity", Not(HEAP)),
    ("from_raw_parts", Not(HEAP)),
    ("into_raw_parts", Not(HEAP)),
    ("capacity", Not(HEAP)),
    ("reserve", Not(HEAP)),
    ("reserve_exact", Not(HEAP)),
    ("try_reserve", Not(HEAP)),
    ("try_reserve_exact", Not(HEAP)),
    ("shrink_to_fit", Not(HEAP)),
    ("shrink_to", Not(HEAP)),
    ("into_boxed_slice", Not(WHOLE)),
    ("truncate", Same),
    ("as_slice", Not("the values are not on the heap; `range` gives copies of a part")),
    ("as_mut_slice", Not("the values are not on the heap; `update` changes one")),
    ("as_ptr", Not(HEAP)),
    ("as_mut_ptr", Not(HEAP)),
    ("set_len", Not("it shows values that were never written; `resize` writes them")),
    ("swap_remove", Same),
    ("insert", Same),
    ("insert_mut", Not("a value in stable memory is a copy that is written back: `insert`, then `update`")),
    ("remove", Same),
    ("retain", Same),
    ("retain_mut", Not("values that stay are not written again; `update` changes one")),
    ("dedup_by_key", Same),
    ("dedup_by", Same),
    ("push", Same),
    ("push_mut", Not("a value in stable memory is a copy that is written back: `push`, then `update`")),
    ("pop", Same),
    ("pop_if", Same),
    ("append", Same),
    ("drain", Same),
    ("clear", Same),
    ("len", Same),
    ("is_empty", Same),
    ("split_off", As("split_off(at, into): a root cannot be made while a store is open")),
    ("resize_with", Same),
    ("leak", Not(WHOLE)),
    ("spare_capacity_mut", Not(HEAP)),
    ("resize", Same),
    ("extend_from_slice", Same),
    ("extend_from_within", Same),
    ("dedup", Same),
    ("splice", As("drain(range), then `insert`: values in the middle come one by one")),
    ("extract_if", Same),
    ("into_flattened", Not("the layout of the values would be another one")),
];

#[test]
fn what_is_said_is_there() {
    check(TABLE, include_str!("vec.rs"), "alloc/src/vec/mod.rs", "Vec");
    calls();
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    type Words = Stable<String, Bytes>;
    let mut only: Words = graven::open::<Words>("only", Bytes::default()).unwrap();
    only.push("a".into());
    let roots = [Words::SPEC.named("one"), Words::SPEC.named("two")];
    let mut store = Store::open(Bytes::default(), &roots, Options::default()).unwrap();
    let (mut vec, mut other) = (Words::attach(store.take(0)), Words::attach(store.take(1)));
    vec.extend_from_slice(&["a".into(), "b".into(), "b".into()]);
    vec.extend_from_within(..1);
    assert!(vec.iter().eq(["a", "b", "b", "a"]) && !vec.is_empty() && vec.len() == 4);
    vec.dedup();
    vec.insert(1, "c".into());
    assert!(vec.iter().eq(["a", "c", "b", "a"]));
    assert_eq!((vec.pop().as_deref(), vec.swap_remove(0).as_str()), (Some("a"), "a"));
    assert_eq!((vec.remove(1).as_str(), vec.pop_if(|text| text == "b").as_deref()), ("c", Some("b")));
    vec.resize(2, "x".into());
    vec.resize_with(4, || "y".into());
    vec.dedup_by_key(|text| text.len());
    vec.dedup_by(|a, b| a == b);
    assert!(vec.iter().eq(["x"]));
    vec.extend((0..9).map(|n| n.to_string()));
    vec.split_off(5, &mut other);
    vec.append(&mut other);
    vec.retain(|text| text != "x");
    assert!(vec.drain(..2).eq(["0", "1"]));
    assert_eq!(vec.extract_if(1.., |text| text == "5").count(), 1);
    vec.truncate(3);
    vec.sort();
    vec.sort_unstable();
    vec.sort_unstable_by(|a, b| b.cmp(a));
    vec.sort_unstable_by_key(|text| text.parse::<u64>().unwrap());
    vec.rotate_left(1);
    vec.rotate_right(2);
    vec.swap(0, 1);
    assert!(vec.iter().eq(["2", "4", "3"]));
    vec.clear();
    assert!(vec.retain_within(0, &mut Budget::entries(1), |_| true).unwrap().is_done());
}
