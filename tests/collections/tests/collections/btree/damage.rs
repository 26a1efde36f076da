//! Walks, moves and pages over damaged memory end with an error or without one, but they end.

use std::cell::RefCell;

use graven::{BTreeMap, Budget, Result, open};
use graven_tests::damage;
use graven_tests::memory::{Bytes, Metered, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

/// Damage is reported by an error after a number of accesses that does not grow without end.
#[test]
fn damaged_memory() {
    let sound = damage::sound();
    let rng = &mut Rng::new(9);
    let (mut errors, mut fine) = (0, 0);
    for _ in 0..400 {
        let mut bytes = sound.clone();
        for _ in 0..1 + rng.below(12) {
            let at = 4_096 + rng.below(bytes.len() as u64 - 4_096) as usize;
            // Headers and slots are where it hurts.
            let at = if rng.once_in(2) { at / 4_096 * 4_096 + rng.below(64) as usize } else { at };
            bytes[at] = rng.any() as u8;
        }
        let memory = Metered::new(memory_of(&bytes), 400_000);
        let Ok(store) = damage::Newest::open(memory) else { continue };
        let store = RefCell::new(store);
        let ran = caught(|| {
            let store = &mut *store.borrow_mut();
            let results = [
                all(&mut store.numbers, rng),
                all(&mut store.versions, rng),
                all(&mut store.texts, rng),
                all(&mut store.deep, rng),
                all(&mut store.large, rng),
            ];
            results.into_iter().partition::<Vec<_>, _>(Result::is_ok)
        });
        let (ok, failed) =
            ran.unwrap_or_else(|panic| panic!("{panic} at {}", graven_tests::panics::last_place()));
        fine += ok.len();
        errors += failed.len();
    }
    assert!(errors > 20 && fine > 20, "{errors} {fine}");
}

fn all<K: SampleKey, V: SampleValue>(map: &mut BTreeMap<K, V, Metered>, rng: &mut Rng) -> Result<()> {
    let mut from = None;
    for _ in 0..50 {
        let page = map.page(from.as_ref(), 40)?;
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let mut from = None;
    for _ in 0..200 {
        let value = V::sample(rng);
        let walked =
            map.update_within(.., from.as_ref(), &mut Budget::entries(25), |_, old| *old = value.clone())?;
        from = walked.next;
        if from.is_none() {
            break;
        }
    }
    let mut other = open::<BTreeMap<K, V>>("other", Bytes::default())?;
    for _ in 0..200 {
        if map.split_off_within(&K::sample(300), &mut other, &mut Budget::entries(20))?.is_done() {
            break;
        }
    }
    let mut odd = false;
    let mut takes = |_: &K, _: &mut V| {
        odd = !odd;
        odd
    };
    let mut taken = map.extract_if(.., &mut takes);
    for _ in 0..30 {
        if taken.try_next()?.is_none() {
            break;
        }
    }
    drop(taken);
    let last = K::sample(1 << 20);
    let _ = map.load_sorted([(last, V::sample(rng))]).map_err(|failed| failed.error);
    for _ in 0..200 {
        if map.retain_within(.., None, &mut Budget::entries(64), |_, _| false)?.is_done() {
            break;
        }
    }
    Ok(())
}
