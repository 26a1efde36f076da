//! Runs one set of checks over maps on the heap and in stable memory.

use std::collections::{BTreeMap as Heap, HashMap};
use std::fmt::Debug;

use graven::{BTreeMap, Map, OrderedMap, StableKey, StableLayout, open};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;

/// An application: who follows whom, with counts.
struct Follows<M> {
    edges: M,
}

impl<M: OrderedMap<(u64, u64), u32>> Follows<M> {
    fn follow(&mut self, who: u64, whom: u64) -> u32 {
        let times = self.edges.get(&(who, whom)).unwrap_or(0) + 1;
        self.edges.insert((who, whom), times);
        times
    }

    fn unfollow(&mut self, who: u64, whom: u64) -> bool {
        self.edges.remove(&(who, whom)).is_some()
    }

    fn followed_by(&self, who: u64) -> Vec<u64> {
        self.edges.range((who, 0)..=(who, u64::MAX)).map(|((_, whom), _)| whom).collect()
    }

    fn latest(&self, who: u64) -> Option<u64> {
        self.edges.range((who, 0)..=(who, u64::MAX)).next_back().map(|((_, whom), _)| whom)
    }
}

fn scenario(edges: impl OrderedMap<(u64, u64), u32>) -> Vec<String> {
    let (mut follows, rng, mut told) = (Follows { edges }, &mut Rng::new(2), Vec::new());
    let mut tell = |what: &dyn Debug| told.push(format!("{what:?}"));
    for _ in 0..3_000 {
        let (who, whom) = (rng.below(30), rng.below(40));
        match rng.below(6) {
            0 => tell(&follows.unfollow(who, whom)),
            1 => tell(&follows.followed_by(who)),
            2 => tell(&follows.latest(who)),
            _ => tell(&follows.follow(who, whom)),
        }
    }
    let edges = &mut follows.edges;
    tell(&(edges.len(), edges.is_empty(), edges.first_key_value(), edges.last_key_value()));
    tell(&(edges.pop_first(), edges.pop_last(), edges.contains_key(&(1, 2))));
    tell(&edges.entries().collect::<Vec<_>>());
    edges.clear();
    tell(&(edges.len(), edges.is_empty(), edges.pop_first(), edges.pop_last(), edges.first_key_value()));
    told
}

#[test]
fn an_application_runs_on_the_heap_and_in_stable_memory() {
    let heap = scenario(Heap::new());
    let stable: BTreeMap<(u64, u64), u32> = open("edges", Bytes::default()).unwrap();
    assert_eq!(scenario(stable), heap);
    let limited: BTreeMap<(u64, u64), u32, _> = open("edges", Limited::new(Bytes::default(), 64)).unwrap();
    assert_eq!(scenario(limited), heap);
}

/// Checks the properties of every map, ordered or not.
fn maps<K: Clone + Ord + Debug, V: Clone + PartialEq + Debug>(mut map: impl Map<K, V>, entries: &[(K, V)]) {
    let mut model = Heap::new();
    for (key, value) in entries {
        assert_eq!(map.get(key), model.get(key).cloned());
        assert_eq!(map.insert(key.clone(), value.clone()), model.insert(key.clone(), value.clone()));
        assert_eq!(map.len(), model.len() as u64);
    }
    let mut found: Vec<(K, V)> = map.entries().collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, model.clone().into_iter().collect::<Vec<_>>());
    for (key, _) in entries.iter().step_by(3) {
        assert_eq!(map.contains_key(key), model.contains_key(key));
        assert_eq!(map.remove(key), model.remove(key));
    }
    assert_eq!((map.len(), map.is_empty()), (model.len() as u64, model.is_empty()));
    map.clear();
    assert!(map.is_empty() && map.entries().next().is_none());
}

fn in_all_homes<K, V>(entries: &[(K, V)])
where
    K: StableKey + Ord + std::hash::Hash + Clone + Debug,
    V: StableLayout + Clone + PartialEq + Debug,
{
    maps(Heap::new(), entries);
    maps(HashMap::new(), entries);
    maps(open::<BTreeMap<K, V>>("map", Bytes::default()).unwrap(), entries);
    maps(open::<graven::HashMap<K, V>>("map", Bytes::default()).unwrap(), entries);
}

#[test]
fn every_home_keeps_the_rules_of_maps() {
    let rng = &mut Rng::new(1);
    let numbers: Vec<(u64, u64)> = (0..2_000).map(|_| (rng.below(500), rng.any())).collect();
    in_all_homes(&numbers);
    let texts: Vec<(String, Vec<u8>)> =
        (0..600).map(|_| (rng.below(300).to_string(), rng.bytes_below(3_000))).collect();
    in_all_homes(&texts);
}
