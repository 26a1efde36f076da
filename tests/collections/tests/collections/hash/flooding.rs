//! Keys that strangers choose to have one hash.

use graven::{HashMap, open};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;

/// Keys that differ in two neighbouring words each. They once had one hash under every seed.
#[test]
fn keys_chosen_without_the_seed_are_spread_like_random_ones() {
    const ENTERS: u64 = 1 << 63 | 1 << 33 | 1 << 3;
    const LEAVES: u64 = 1 << 63 | 1 << 36;
    let chosen = |choice: u64| {
        let (mut key, mut carried) = ([0u8; 104], 0);
        for (at, word) in key.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let enters = if at < 12 && choice >> at & 1 == 1 { ENTERS } else { 0 };
            *word = (7 ^ carried ^ enters).to_le_bytes();
            carried = if enters == 0 { 0 } else { LEAVES };
        }
        key
    };
    let mut rng = Rng::new(5);
    let pages = |key: &mut dyn FnMut(u64) -> [u8; 104]| {
        let mut map: HashMap<[u8; 104], u64, _> = open("map", Bytes::default()).unwrap();
        (0..4_096).for_each(|choice| assert_eq!(map.insert(key(choice), choice), None));
        (0..10).for_each(|choice| assert_eq!(map.get(&key(choice)), Some(choice)));
        map.verify().unwrap();
        map.stats().pages
    };
    let family = pages(&mut |choice| chosen(choice));
    let random = {
        let keys: Vec<[u8; 104]> = (0..4_096).map(|_| std::array::from_fn(|_| rng.any() as u8)).collect();
        pages(&mut |choice| keys[choice as usize])
    };
    assert!(
        family * 10 < random * 11 && random * 10 < family * 11,
        "{family} pages, {random} for random keys"
    );
}
