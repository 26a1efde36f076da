//! Every operation of every collection. Forms that tell damage by an error must not panic; those
//! that do may panic with an error's words only.

use std::fmt::Debug;

use graven::StableKey;
use graven::entry::Handle;
use graven::progress::Sorting;
use graven::{
    Blob, Blobs, Budget, Deque, Log, Nested, PriorityQueue, Records, Slab, StableLayout, StableVec,
};
use graven_collection_tests::lists::List;
use graven_tests::chains::mixed;
use graven_tests::memory::Metered;
use graven_tests::panics::{caught, is_an_errors, last_place};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

use super::store::{Fixed2, Newest};

/// Runs a form that panics on damage.
fn allowed<R>(run: impl FnOnce() -> R) {
    if let Err(panic) = caught(run) {
        assert!(is_an_errors(&panic), "{panic} at {}", last_place());
    }
}

pub fn everything(store: &mut Newest) {
    let rng = &mut Rng::new(1);
    let _ = (store.stats(), store.usage());
    vec(&mut store.numbers, &|rng| rng.any(), rng);
    vec(&mut store.versions, &mixed::V4::sample, rng);
    vec(&mut store.fixed, &|rng| Fixed2 { a: rng.any(), b: 2 }, rng);
    vec(&mut store.texts, &|rng| rng.bytes_below(300), rng);
    deque(&mut store.deque, &|rng| Fixed2 { a: rng.any(), b: 2 }, rng);
    deque(&mut store.words, &|rng| "w".repeat(rng.below(500) as usize), rng);
    log(&mut store.log, &|rng| Blob::new(rng.bytes(3)).unwrap(), rng);
    log(&mut store.lines, &mixed::V4::sample, rng);
    queue(&mut store.queue, &|number| number << 20);
    queue(&mut store.deadlines, &|number| (number.to_string(), 5));
    queue(&mut store.dead_queue, &|number| number);
    slab(&mut store.slab, rng);
    blobs(&mut store.files, ["", "inline", "page", "empty", "pages", "new"].map(str::to_owned), rng);
    blobs(&mut store.pages, [0, 1, 6, 19, 20], rng);
    posts(&mut store.posts, rng);
    maps(store, rng);
    users(&mut store.users, rng);
    teams(store, rng);
    let _ = store.sweep(&mut Budget::pages(3));
    let _ = store.sweep(&mut Budget::while_true(&mut || true));
    verify_all(store);
    // Frees detached trees.
    (0..40).for_each(|_| _ = store.dead.try_push(rng.bytes(3_000)));
    allowed(|| store.dead.clear());
    allowed(|| store.files.clear());
    allowed(|| store.queue.clear());
    allowed(|| store.slab.clear());
    allowed(|| store.posts.clear());
    allowed(|| store.maps.clear());
    allowed(|| store.users.clear());
    allowed(|| store.teams.clear());
    let _ = store.dead.try_push(rng.bytes(60_000));
    let _ = store.dead.try_push(rng.bytes(60_000));
}

fn verify_all(store: &Newest) {
    let _ = (store.numbers.verify(), store.versions.verify(), store.fixed.verify(), store.texts.verify());
    let _ = (store.deque.verify(), store.words.verify(), store.log.verify(), store.lines.verify());
    let _ = (store.queue.verify(), store.deadlines.verify(), store.slab.verify());
    let _ = (store.posts.verify(), store.maps.verify(), store.users.verify(), store.teams.verify());
    let _ = (store.files.verify(), store.pages.verify(), store.dead.verify(), store.dead_queue.verify());
}

/// Runs the operations that all lists have.
pub fn list<T, L: List<T>>(list: &mut L, sample: &dyn Fn(&mut Rng) -> T, rng: &mut Rng)
where
    T: StableLayout + PartialEq + Debug,
{
    let len = list.len();
    for index in [0, 1, 2, 40, 300, len / 2, len.saturating_sub(1), len] {
        let _ = list.get(index);
        let _ = list.set(index, sample(rng));
        let _ = (list.insert(index.min(list.len()), sample(rng)), list.get(index));
        let _ = (list.remove(index), list.get(index));
    }
    for _ in 0..12 {
        let _ = (list.push_back(sample(rng)), list.push_front(sample(rng)));
    }
    for _ in 0..25 {
        let _ = (list.remove(0), list.remove(list.len().saturating_sub(1)));
    }
    for step in 0..30 {
        let _ = list.remove(30 + step);
    }
    allowed(|| list.values(0..list.len()).take(100).count());
    allowed(|| list.values(0..list.len()).rev().take(100).count());
    let _ = list.sweep(&mut Budget::pages(2));
}

fn vec<T>(vec: &mut StableVec<T, Metered>, sample: &dyn Fn(&mut Rng) -> T, rng: &mut Rng)
where
    T: StableLayout + PartialEq + Debug,
{
    let mut iter = vec.iter();
    (0..200).take_while(|_| matches!(iter.try_next(), Ok(Some(_)))).for_each(drop);
    list(vec, sample, rng);
    allowed(|| (vec.first(), vec.last(), vec.pop()));
    allowed(|| (vec.len() > 9).then(|| vec.swap(0, 9)));
    allowed(|| (vec.len() > 3).then(|| vec.swap_remove(2)));
    let _ = vec.try_replace(3, sample(rng));
    let mut keep = 0;
    let _ = vec.retain_within(0, &mut Budget::pages(3), |_| {
        keep += 1;
        keep % 3 > 0 && keep < 300
    });
    let _ = vec.dedup_within(1, &mut Budget::pages(3), |a, b| a == b);
    let mut sorting = Sorting::default();
    let order = |a: &T, b: &T| graven::schema::encode(a).cmp(&graven::schema::encode(b));
    (0..3).for_each(|_| drop(vec.sort_within_by(&mut sorting, &mut Budget::pages(9), order)));
    let _ = vec.rotate_within(vec.len().min(5), &mut Budget::entries(9));
    allowed(|| vec.drain(vec.len().min(2)..vec.len().min(9)).count());
    let _ = vec.extract_if(.., |_| true).try_next();
    let len = vec.len();
    let _ = vec.truncate_within(len / 2, &mut Budget::pages(20));
    allowed(|| vec.partition_point(|_| true));
    allowed(|| vec.resize(vec.len().saturating_add(20).min(5_000), sample(rng)));
}

fn deque<T>(deque: &mut Deque<T, Metered>, sample: &dyn Fn(&mut Rng) -> T, rng: &mut Rng)
where
    T: StableLayout + PartialEq + Debug,
{
    list(deque, sample, rng);
    allowed(|| (deque.front(), deque.back(), deque.pop_front(), deque.pop_back()));
    let _ = deque.retain_within(3, &mut Budget::pages(2), |_| false);
    let _ = deque.remove_within(deque.len().min(4)..deque.len().min(700), &mut Budget::pages(3));
    let len = deque.len();
    let _ = deque.resize_within(len.saturating_add(9).min(4_000), &mut Budget::entries(5), || sample(rng));
    let _ = deque.truncate_within(len / 2, &mut Budget::pages(20));
}

fn log<T>(log: &mut Log<T, Metered>, sample: &dyn Fn(&mut Rng) -> T, rng: &mut Rng)
where
    T: StableLayout + PartialEq + Debug,
{
    list(log, sample, rng);
    allowed(|| (log.first(), log.last()));
    let numbers = log.numbers();
    for number in [numbers.start.saturating_add(1), numbers.start.midpoint(numbers.end), numbers.end] {
        let _ = (log.try_get(number), log.try_drop_before(number));
        (0..20).for_each(|_| _ = log.try_append(sample(rng)));
    }
}

fn queue<T: StableKey + Debug>(queue: &mut PriorityQueue<T, Metered>, sample: &dyn Fn(u64) -> T) {
    let _ = queue.try_peek();
    let mut handles: Vec<Handle> = (0..20).filter_map(|number| queue.try_push(sample(number)).ok()).collect();
    handles.extend([0, 3, 50, 599, 7 | 1 << 32, u64::MAX].map(Handle::from_u64));
    for (number, handle) in handles.into_iter().enumerate() {
        allowed(|| (queue.contains(handle), queue.get(handle)));
        let _ = queue.try_update(handle, sample(number as u64 * 7 % 40));
        if number % 2 == 0 {
            let _ = queue.try_remove(handle);
        }
    }
    (0..15).for_each(|_| _ = queue.try_pop());
    allowed(|| queue.iter().take(100).count());
}

fn posts(posts: &mut Nested<u64, Deque<mixed::V4>, Metered>, rng: &mut Rng) {
    for key in [0, 1, 5, 12, 19, 30] {
        if let Ok(Some(inner)) = posts.try_get(&key) {
            for index in [0, 3, inner.len() / 2, inner.len().wrapping_sub(1)] {
                let _ = inner.try_get(index);
            }
            let mut values = inner.iter();
            (0..100).take_while(|_| matches!(values.try_next(), Ok(Some(_)))).for_each(drop);
            (0..100).take_while(|_| matches!(values.try_next_back(), Ok(Some(_)))).for_each(drop);
        }
        if let Ok(mut inner) = posts.try_or_create(&key) {
            for _ in 0..10 {
                let _ = (inner.try_push_back(mixed::V4::sample(rng)), inner.try_pop_front());
                let _ = (inner.try_push_front(mixed::V4::sample(rng)), inner.try_pop_back());
            }
            let _ = inner.try_replace(2, mixed::V4::sample(rng));
            let len = inner.len();
            let _ = inner.truncate_within(len / 2, &mut Budget::pages(20));
        }
    }
    let _ =
        (posts.try_get_mut(&5).map(|inner| inner.map(|mut inner| inner.try_clear())), posts.try_remove(&12));
    let _ = (posts.try_rename(&3, &300), posts.try_remove(&7));
    allowed(|| posts.keys().take(100).count());
    let _ = posts.free_removed_within(&mut Budget::pages(3));
}

fn maps(store: &mut Newest, rng: &mut Rng) {
    let maps = &mut store.maps;
    let mut keys = Vec::new();
    allowed(|| keys.extend(maps.iter().take(30).map(|(key, _)| key)));
    for key in keys.iter().chain([&String::new()]) {
        let Ok(mut inner) = maps.try_or_create(key) else { continue };
        let _ =
            (inner.try_get(&7), inner.try_insert(8, Fixed2 { a: rng.any(), b: 2 }), inner.try_remove(&14));
        allowed(|| (inner.first_key_value(), inner.last_key_value(), inner.contains_key(&21)));
        let mut entries = inner.range(5..100);
        (0..100).take_while(|_| matches!(entries.try_next(), Ok(Some(_)))).for_each(drop);
    }
    keys.iter().take(3).for_each(|key| _ = maps.try_remove(key));
}

fn users(users: &mut Records<u64, mixed::V4, Deque<Fixed2>, Metered>, rng: &mut Rng) {
    for key in [0, 1, 5, 6, 7, 12, 16, 18, 30] {
        let _ = (users.try_get(&key), users.try_contains_key(&key));
        if let Ok(Some((_, items))) = users.try_get_with_items(&key) {
            let _ = (items.try_get(3), items.try_get(items.len().wrapping_sub(1)));
            let mut values = items.iter();
            (0..100).take_while(|_| matches!(values.try_next(), Ok(Some(_)))).for_each(drop);
        }
        let _ = users.try_update(&key, |record| record.c += 1);
        let _ = (users.try_insert(key, mixed::V4::sample(rng)), users.try_get(&key));
        if let Ok(Some(mut items)) = users.try_items_mut(&key) {
            for a in 0..10 {
                let _ = (items.try_push_back(Fixed2 { a, b: 1 }), items.try_pop_front());
                let _ = (items.try_push_front(Fixed2 { a, b: 2 }), items.try_pop_back());
            }
            let _ = items.try_replace(2, Fixed2 { a: 1, b: 2 });
        }
    }
    let _ = users.try_items_mut(&5).map(|items| items.map(|mut items| items.try_clear()));
    let _ = (users.try_remove(&12), users.try_rename(&3, &300), users.try_remove(&7), users.try_remove(&300));
    allowed(|| users.keys().take(100).count());
    let mut records = users.iter();
    (0..50).take_while(|_| matches!(records.try_next(), Ok(Some(_)))).for_each(drop);
    (0..50).take_while(|_| matches!(records.try_next_back(), Ok(Some(_)))).for_each(drop);
    let _ = users.free_removed_within(&mut Budget::pages(3));
}

fn teams(store: &mut Newest, rng: &mut Rng) {
    let teams = &mut store.teams;
    let mut keys = Vec::new();
    allowed(|| keys.extend(teams.range(String::new()..).take(30).map(|(key, ..)| key)));
    for key in keys.iter().chain([&String::new()]) {
        let _ = teams.try_update(key, |team| team.b = 9);
        let Ok(Some(mut items)) = teams.try_items_mut(key) else { continue };
        let _ = (items.try_get(&7), items.try_insert(8, mixed::V4::sample(rng)), items.try_remove(&14));
        allowed(|| (items.first_key_value(), items.last_key_value(), items.contains_key(&21)));
    }
    keys.iter().take(3).for_each(|key| drop(teams.try_remove(key)));
}

fn slab(slab: &mut Slab<mixed::V4, Metered>, rng: &mut Rng) {
    for id in [0, 1, 7, 8, 150, 299, 310, u64::MAX] {
        let _ = (slab.try_get(id), slab.try_replace(id, mixed::V4::sample(rng)), slab.try_get(id));
        allowed(|| slab.contains(id));
        allowed(|| slab.update(id, |value| value.c += 1));
        let _ = (slab.try_insert(mixed::V4::sample(rng)), slab.try_remove(id + u64::from(id < 200)));
    }
    let mut iter = slab.iter();
    (0..100).take_while(|_| matches!(iter.try_next(), Ok(Some(_)))).for_each(drop);
}

fn blobs<K: StableKey + Clone + Debug, const N: usize>(
    blobs: &mut Blobs<K, Metered>,
    keys: [K; N],
    rng: &mut Rng,
) {
    use std::io::{Read, Seek, SeekFrom, Write};
    for key in &keys {
        let _ = (blobs.try_len(key), blobs.try_get(key), blobs.try_read(key, 100, 900));
        allowed(|| blobs.contains_key(key));
        let _ = blobs.try_read_into(key, 3_000, &mut [0; 2_000]);
        let _ = blobs.try_append(key, &rng.bytes(700));
        let end = blobs.try_len(key).ok().flatten().unwrap_or(0);
        let _ = blobs.try_write(key, end / 2, &rng.bytes(3_000));
        // What a damaged length says is not filled with zeros.
        if end < 100_000 {
            let _ = blobs.try_write(key, end + 5_000, &rng.bytes(300));
        }
        let _ = blobs.try_get(key);
        let mut file = blobs.file(key);
        let _ = (file.seek(SeekFrom::Start(50)), file.read(&mut [0; 300]), file.write(&[1; 300]));
        let _ = (file.seek(SeekFrom::End(-10)), file.read_to_end(&mut Vec::new()));
        let _ = file.set_len(2_000);
        let _ = blobs.truncate_within(key, 100, &mut Budget::pages(5));
        let _ = blobs.try_put(key, &rng.bytes(6_000));
    }
    allowed(|| blobs.keys().take(100).count());
    let _ = blobs.try_remove(&keys[1]);
}
