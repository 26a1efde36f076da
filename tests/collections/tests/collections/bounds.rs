//! Ranges of keys of all forms, with owned and borrowed bounds, compared with those of std.

use std::collections::BTreeMap as Std;
use std::ops::{Bound, RangeBounds};

use graven::{BTreeMap, BTreeSet, Budget, Map, Nested, OrderedMap, RankedMap, Records, StableVec, open};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

macro_rules! new {
    ($collection:ty) => {
        open::<$collection>("collection", Bytes::default()).unwrap()
    };
}

type Names = BTreeMap<String, u64, Bytes>;

/// Returns a map of names and its model.
fn names(count: u64) -> (Names, Std<String, u64>) {
    let mut map = new!(Names);
    map.extend((0..count).map(|n| (String::sample(n), n)));
    let model = map.iter().collect();
    (map, model)
}

#[test]
fn all_forms_of_ranges_by_text_are_those_of_std() {
    let ((map, model), rng) = (names(700), &mut Rng::new(1));
    let (mut set, mut ranked) = (new!(BTreeSet<String, Bytes>), new!(RankedMap<String, u64, Bytes>));
    set.extend(model.keys().cloned());
    ranked.extend(model.clone());
    for _ in 0..300 {
        let (a, b) = (String::sample(rng.below(900)), String::sample(rng.below(900)));
        let (low, high) = (a.clone().min(b.clone()), a.max(b));
        let (a, b) = (low.as_str(), high.as_str());
        let expected = |bounds: (Bound<&str>, Bound<&str>)| -> Vec<(String, u64)> {
            model.range::<str, _>(bounds).map(|(key, value)| (key.clone(), *value)).collect()
        };
        let (from, to) = (Bound::Included(a), Bound::Excluded(b));
        assert!(map.range(a..b).eq(expected((from, to))));
        assert!(map.range::<str, _>(a..=b).eq(expected((from, Bound::Included(b)))));
        assert!(map.range(a..).eq(expected((from, Bound::Unbounded))));
        assert!(map.range(..b).eq(expected((Bound::Unbounded, to))));
        assert!(map.range(..=b).eq(expected((Bound::Unbounded, Bound::Included(b)))));
        assert!(map.range((from, to)).eq(expected((from, to))));
        assert!(map.range(low.clone()..high.clone()).eq(expected((from, to))));
        assert!(map.range(&low..&high).eq(expected((from, to))));
        assert!(
            map.range((Bound::Excluded(&low), Bound::Unbounded))
                .eq(expected((Bound::Excluded(a), Bound::Unbounded)))
        );
        assert!(ranked.range(a..b).rev().eq(expected((from, to)).into_iter().rev()));
        assert!(set.range(a..b).eq(expected((from, to)).into_iter().map(|(key, _)| key)));
        assert!(OrderedMap::range(&map, low.clone()..).eq(expected((from, Bound::Unbounded))));
        let page = map.page_range(a..b, None, 9).unwrap();
        assert!(page.items.into_iter().eq(expected((from, to)).into_iter().take(9)));
    }
    assert!(map.range(..).eq(model.clone()) && set.range(..).eq(model.keys().cloned()));
    assert!(ranked.range(..).eq(model));
}

#[test]
fn changes_of_ranges_take_borrowed_bounds() {
    let (mut map, mut model) = names(500);
    let middle = |low: &str, high: &str, key: &String| (low..high).contains(&key.as_str());
    map.update_range("01".."0180", |_, value| *value += 1_000);
    model.iter_mut().filter(|(key, _)| middle("01", "0180", key)).for_each(|(_, value)| *value += 1_000);
    let budget = || Budget::entries(10_000);
    assert!(map.update_within("0002".., None, &mut budget(), |_, value| *value *= 2).unwrap().is_done());
    model.iter_mut().filter(|(key, _)| key.as_str() >= "0002").for_each(|(_, value)| *value *= 2);
    let step = map.retain_within(..="0030", None, &mut budget(), |_, value| *value % 3 > 0).unwrap();
    let before = model.len();
    model.retain(|key, value| key.as_str() > "0030" || *value % 3 > 0);
    assert_eq!(step.count, (before - model.len()) as u64);
    let (taken, _) = map.extract_within("0040".."0050", None, &mut budget(), |_, _| true).unwrap();
    assert!(taken.into_iter().eq(model.extract_if("0040".to_owned().."0050".to_owned(), |_, _| true)));
    let taken = map.extract_if(.."0020", |_, value| *value % 2 == 0);
    assert!(taken.eq(model.extract_if(.."0020".to_owned(), |_, value| *value % 2 == 0)));
    assert_eq!(map, model);
    let mut set = new!(BTreeSet<String, Bytes>);
    set.extend(model.keys().cloned());
    assert!(set.extract_if("0100".., |_| true).all(|key| key.as_str() >= "0100"));
    assert!(set.retain_within(.."0010", None, &mut budget(), |_| false).unwrap().is_done());
    let left = |key: &&String| middle("0010", "0100", key);
    assert!(set.iter().eq(model.keys().filter(left).cloned()));
}

#[test]
fn ranges_of_numbers_and_of_nothing_need_no_types() {
    let mut map = new!(BTreeMap<(u64, String), u8, Bytes>);
    map.extend([((1, "a".into()), 1), ((1, "b".into()), 2), ((2, "a".into()), 3)]);
    assert_eq!((map.range((1, "b")..).count(), map.range(..).count()), (2, 3));
    let mut numbers = new!(BTreeMap<u64, (), Bytes>);
    numbers.extend((0..9).map(|n| (n, ())));
    assert_eq!(
        (numbers.range(5..).count(), numbers.range(..=5).count(), numbers.range(2..4).count()),
        (4, 6, 2)
    );
    let mut nested = new!(Nested<String, BTreeSet<String>, Bytes>);
    nested.or_create("a").extend(["x".to_owned(), "y".to_owned()]);
    assert_eq!((nested.range("a"..).count(), nested.get("a").unwrap().range("y"..).count()), (1, 1));
    assert_eq!((nested.range(..).count(), nested.range("b"..).count()), (1, 0));
    let mut records = new!(Records<String, u8, StableVec<u8>, Bytes>);
    records.insert("a".into(), 1);
    assert_eq!((records.range(.."b").count(), records.range(..).count()), (1, 1));
    /// Counts the entries of a range whose type is not known.
    fn between(map: &Names, range: impl RangeBounds<String>) -> usize {
        map.range((range.start_bound(), range.end_bound())).count()
    }
    let map = names(300).0;
    assert_eq!(between(&map, ..), Map::len(&map) as usize);
}

#[test]
fn ranges_that_end_before_they_begin_panic_as_those_of_std() {
    let ((mut map, _), mut list) = (names(9), new!(StableVec<u64, Bytes>));
    list.extend(0..9);
    let message = "range start is greater than range end in BTreeMap";
    assert_eq!(caught(|| map.range("b".."a").count()).unwrap_err(), message);
    assert_eq!(caught(|| map.extract_if("b".."a", |_, _| true).count()).unwrap_err(), message);
    #[allow(clippy::reversed_empty_ranges)]
    let stopped = caught(|| list.extract_if(2..1, |_| true).count()).unwrap_err();
    #[allow(clippy::reversed_empty_ranges)]
    let expected = caught(|| vec![0; 9].extract_if(2..1, |_| true).count()).unwrap_err();
    assert_eq!(stopped, expected);
}
