// The methods of canisters with one map, included by each: the size of their wasm is compared.

/// Sets the record of a key.
#[ic_cdk::update]
fn set(key: u64, count: u64) {
    entries(|entries| entries.insert(key, record(count)));
}

/// Returns a field of the record of a key.
#[ic_cdk::query]
fn get(key: u64) -> Option<u64> {
    entries(|entries| entries.get(&key).map(|record| record.count))
}

/// Removes the record of a key.
#[ic_cdk::update]
fn remove(key: u64) {
    entries(|entries| entries.remove(&key));
}

/// Adds the given number of records, with the keys of xorshift64* from seed 1.
#[ic_cdk::update]
fn fill(count: u64) {
    let mut state = 1u64;
    entries(|entries| {
        for _ in 0..count {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            entries.insert(state.wrapping_mul(0x2545_f491_4f6c_dd1d), record(state));
        }
    });
}
