// The methods of the speed canisters, included by each: the same keys, the same work, counted by the same
// counter. Keys are xorshift64* outputs from seed 1; a 32-byte key is four such outputs seeded by the u64 key.

/// The next output of xorshift64*.
fn next(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

fn keys(count: u64) -> impl Iterator<Item = u64> {
    let mut state = 1;
    (0..count).map(move |_| next(&mut state))
}

fn digest(key: u64) -> [u8; 32] {
    let mut state = key | 1;
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&next(&mut state).to_le_bytes()));
    bytes
}

/// Instructions that `work` takes.
fn counted(work: impl FnOnce()) -> u64 {
    let before = ic_cdk::api::performance_counter(0);
    work();
    ic_cdk::api::performance_counter(0) - before
}

/// One operation on the map of numbers for each of `count` keys.
#[ic_cdk::update]
fn numbers_run(operation: String, count: u64) -> u64 {
    numbers(|map| {
        counted(|| match operation.as_str() {
            "insert" => keys(count).for_each(|key| assert!(map.insert(key, key).is_none())),
            "get" => keys(count).for_each(|key| assert_eq!(map.get(&key), Some(key))),
            "remove" => keys(count).for_each(|key| assert_eq!(map.remove(&key), Some(key))),
            "scan" => assert_eq!(pairs(map).filter(|(key, value)| key == value).count() as u64, count),
            "nothing" => keys(count).for_each(|key| {
                core::hint::black_box(key);
            }),
            other => panic!("no operation `{other}`"),
        })
    })
}

/// One operation on the map of digests for each of `count` keys.
#[ic_cdk::update]
fn digests_run(operation: String, count: u64) -> u64 {
    digests(|map| {
        counted(|| match operation.as_str() {
            "insert" => keys(count).for_each(|key| assert!(map.insert(digest(key), [key as u8; 128]).is_none())),
            "get" => keys(count).for_each(|key| assert_eq!(map.get(&digest(key)).map(|v| v[7]), Some(key as u8))),
            "remove" => keys(count).for_each(|key| assert!(map.remove(&digest(key)).is_some())),
            "scan" => assert_eq!(digest_pairs(map).filter(|(_, value)| value[0] == value[127]).count() as u64, count),
            "nothing" => keys(count).for_each(|key| {
                core::hint::black_box(digest(key));
            }),
            other => panic!("no operation `{other}`"),
        })
    })
}

/// Sets one number: the only work of its message.
#[ic_cdk::update]
fn insert_one(key: u64) {
    numbers(|map| map.insert(key, key));
}

/// Does nothing.
#[ic_cdk::update]
fn empty() {}
