//! A quick model test; the long ones are in the workspace's `tests`.
use graven_collections::{BTreeMap, open};
use graven_core::DefaultMemoryImpl;
use std::collections::BTreeMap as Model;

fn rng(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545F4914F6CDD1D)
}

#[test]
fn fixed() {
    let memory = DefaultMemoryImpl::default();
    let mut map: BTreeMap<u64, u64> = open("map", memory.clone()).unwrap();
    let mut model = Model::new();
    let mut seed = 1;
    for i in 0..200_000u64 {
        let key = rng(&mut seed) % 20_000;
        match rng(&mut seed) % 5 {
            0..=2 => assert_eq!(map.insert(key, i), model.insert(key, i)),
            3 => assert_eq!(map.remove(&key), model.remove(&key), "{i}"),
            _ => assert_eq!(map.get(&key), model.get(&key).copied()),
        }
        if i % 10_000 == 0 {
            map.verify().unwrap();
            map = open("map", memory.clone()).unwrap();
        }
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(|(k, v)| (*k, *v))));
    assert!(map.iter().rev().eq(model.iter().rev().map(|(k, v)| (*k, *v))));
    for key in model.keys().copied().collect::<Vec<_>>() {
        assert_eq!(map.remove(&key), model.remove(&key));
        if key % 100 == 0 {
            map.verify().unwrap();
        }
    }
    assert!(map.is_empty());
    map.verify().unwrap();
    eprintln!("{:?}", map.stats());
}

#[test]
fn dynamic() {
    let memory = DefaultMemoryImpl::default();
    let mut map: BTreeMap<String, Vec<u8>> = open("map", memory.clone()).unwrap();
    let mut model = Model::new();
    let mut seed = 1;
    for i in 0..60_000u64 {
        let key = format!("{:x}", rng(&mut seed) % 5_000)
            .repeat((rng(&mut seed) % 3 + 1) as usize * if i % 97 == 0 { 30 } else { 1 });
        let len = rng(&mut seed)
            % match rng(&mut seed) % 20 {
                0 => 20_000,
                1..4 => 3000,
                _ => 50,
            };
        let value = vec![i as u8; len as usize];
        match rng(&mut seed) % 5 {
            0..=2 => assert_eq!(map.insert(key.clone(), value.clone()), model.insert(key, value)),
            3 => assert_eq!(map.remove(&key), model.remove(&key), "{i}"),
            _ => assert_eq!(map.get(&key), model.get(&key).cloned()),
        }
        if i % 2_000 == 0 {
            map.verify().unwrap();
            map = open("map", memory.clone()).unwrap();
        }
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(|(k, v)| (k.clone(), v.clone()))));
    let mut a = map.iter();
    let mut b = model.iter();
    for i in 0..model.len() + 3 {
        if (i * i) % 3 == 0 {
            assert_eq!(a.next(), b.next().map(|(k, v)| (k.clone(), v.clone())))
        } else {
            assert_eq!(a.next_back(), b.next_back().map(|(k, v)| (k.clone(), v.clone())))
        }
    }
    for _ in 0..200 {
        let (x, y) = (format!("{:x}", rng(&mut seed) % 5_000), format!("{:x}", rng(&mut seed) % 5_000));
        if x <= y {
            assert!(
                map.range(x.clone()..y.clone())
                    .map(|e| e.0)
                    .eq(model.range(x.clone()..y.clone()).map(|e| e.0.clone()))
            );
            assert!(
                map.range(x.clone()..=y.clone())
                    .rev()
                    .map(|e| e.0)
                    .eq(model.range(x..=y).rev().map(|e| e.0.clone()))
            );
        }
    }
    eprintln!("{:?}", map.stats());
    for key in model.keys().cloned().collect::<Vec<_>>() {
        assert_eq!(map.remove(&key), model.remove(&key));
    }
    assert!(map.is_empty());
    map.verify().unwrap();
    eprintln!("{:?}", map.stats());
}
