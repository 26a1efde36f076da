//! Measures the bench's operations as `#[bench]` functions of canbench: 10,000 of them on maps with
//! 10,000 entries.

use bench_work::numbers::numbers;
use canbench_rs::{BenchResult, bench, bench_fn};

/// How many entries there are, and how many operations.
const COUNT: u64 = 10_000;

/// Measures an operation, on a structure that is filled first unless the operation fills it.
fn measured(structure: &str, fill: &str, operation: &str, order: &str) -> BenchResult {
    let random = numbers("random", COUNT, COUNT);
    if operation != fill {
        super::run_on(structure, fill, &random);
    }
    let numbers = numbers(order, COUNT, COUNT);
    bench_fn(|| {
        super::run_on(structure, operation, &numbers);
    })
}

/// Benches by name: structure, how it is filled, operation, order of keys.
macro_rules! benches {
    ($($name:ident: $structure:literal $fill:literal $operation:literal $order:literal;)*) => {
        $(
            #[bench(raw)]
            fn $name() -> BenchResult {
                measured($structure, $fill, $operation, $order)
            }
        )*
    };
}

benches! {
    btree_u64_insert: "btree-u64" "insert" "insert" "random";
    btree_u64_get: "btree-u64" "insert" "get" "random";
    btree_u64_get_zipf: "btree-u64" "insert" "get" "zipf";
    btree_u64_remove: "btree-u64" "insert" "remove" "random";
    btree_u64_scan: "btree-u64" "insert" "scan" "random";
    btree_u64_mixed: "btree-u64" "insert" "mixed" "random";
    btree_32_insert: "btree-32" "insert" "insert" "random";
    btree_32_get: "btree-32" "insert" "get" "random";
    btree_32_remove: "btree-32" "insert" "remove" "random";
    btree_32_scan: "btree-32" "insert" "scan" "random";
    hash_u64_insert: "hash-u64" "insert" "insert" "random";
    hash_u64_get: "hash-u64" "insert" "get" "random";
    hash_u64_remove: "hash-u64" "insert" "remove" "random";
    hash_32_insert: "hash-32" "insert" "insert" "random";
    hash_32_get: "hash-32" "insert" "get" "random";
    hash_32_remove: "hash-32" "insert" "remove" "random";
    vec_push: "vec-u64" "push" "push" "random";
    vec_get: "vec-u64" "push" "get" "index";
    vec_iterate: "vec-u64" "push" "iterate" "random";
    log_append: "log-64" "push" "push" "random";
    log_get: "log-64" "push" "get" "index";
    queue_push: "queue" "push" "push" "random";
    queue_pop: "queue" "push" "pop" "random";
}
