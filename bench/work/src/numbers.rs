//! The numbers that keys are made of, and the orders they come in.

/// Returns the next output of xorshift64*.
pub const fn next(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// One of the random numbers that is there at every size: the 500th.
pub const KNOWN: u64 = nth(1, 500);
/// A number that is not among them.
pub const ABSENT: u64 = nth(2, 500);

const fn nth(seed: u64, n: u32) -> u64 {
    let mut state = seed;
    let mut i = 1;
    while i < n {
        next(&mut state);
        i += 1;
    }
    next(&mut state)
}

/// `count` numbers for a collection with `entries` entries.
///
/// - `sequential`: 0, 1, 2 …
/// - `sorted`: the random ones in ascending order.
/// - `random`: outputs of xorshift64* from seed 1. As keys to look up they are as random as they
///   were when inserted.
/// - `missing`: the same from seed 2, which no collection has.
/// - `zipf`: those of `random`, the r-th with a frequency of about 1/r: first a power of two is
///   drawn, then a rank below it.
/// - `index`: random positions.
/// - `shuffled`: 0 to `entries` − 1, in no order.
/// - `clock`: nanoseconds, one in a second, up to half a second late, and so not quite ascending.
/// - `clock-shuffled`: the same in no order.
///
/// # Panics
/// For any other order.
#[must_use]
pub fn numbers(order: &str, entries: u64, count: u64) -> Vec<u64> {
    let mut state = 1;
    let mut random = |count: u64| -> Vec<u64> { (0..count).map(|_| next(&mut state)).collect() };
    match order {
        "sequential" => (0..count).collect(),
        "random" => random(count),
        "sorted" => {
            let mut numbers = random(count);
            numbers.sort_unstable();
            numbers
        }
        "missing" => {
            let mut state = 2;
            (0..count).map(|_| next(&mut state)).collect()
        }
        "zipf" => {
            let all = random(entries);
            (0..count).map(|_| all[rank(&mut state, entries) as usize]).collect()
        }
        "index" => random(count).into_iter().map(|number| number % entries).collect(),
        "shuffled" => shuffled((0..entries).collect(), count),
        "clock" => (0..count).map(clock).collect(),
        "clock-shuffled" => shuffled((0..entries).map(clock).collect(), count),
        other => panic!("no order `{other}`"),
    }
}

/// Returns the time at which the `n`-th of many events is written down.
fn clock(n: u64) -> u64 {
    let mut state = n + 1;
    1_700_000_000_000_000_000 + n * 1_000_000_000 + next(&mut state) % 1_500_000_000
}

/// Returns the first `count` numbers in a random order of all.
fn shuffled(mut numbers: Vec<u64>, count: u64) -> Vec<u64> {
    let mut state = 3;
    for last in (1..numbers.len()).rev() {
        numbers.swap(last, (next(&mut state) % (last as u64 + 1)) as usize);
    }
    numbers.truncate(count as usize);
    numbers
}

/// Returns a rank below `entries`, r with a frequency of about 1/r.
fn rank(state: &mut u64, entries: u64) -> u64 {
    let powers = u64::from(entries.ilog2());
    loop {
        let power = 1 << (next(state) % (powers + 1));
        let rank = power + next(state) % power - 1;
        if rank < entries {
            return rank;
        }
    }
}
