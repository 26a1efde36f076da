//! The methods of the bench's canisters. They are macros, since contenders need different versions
//! of `ic-cdk`: a canister has a module `cdk` with the attributes of its own.

/// `prepare`, `run`, and messages that do nothing. `$run` takes a structure, an operation and the
/// prepared numbers.
#[macro_export]
macro_rules! methods {
    ($run:path) => {
        std::thread_local! {
            static NUMBERS: std::cell::RefCell<Vec<u64>> = const { std::cell::RefCell::new(Vec::new()) };
        }

        /// Makes numbers ready for `run`: see `bench_work::numbers`.
        #[cdk::update]
        fn prepare(order: String, entries: u64, count: u64) {
            NUMBERS.with(|numbers| {
                *numbers.borrow_mut() = $crate::numbers::numbers(&order, entries, count);
            });
        }

        /// Does an operation for all numbers; tells how many operations, or entries of scans, that
        /// were.
        #[cdk::update]
        fn run(structure: String, operation: String) -> u64 {
            NUMBERS.with(|numbers| $run(&structure, &operation, &numbers.borrow()))
        }

        /// Does nothing: measures the cost of any message.
        #[cdk::update]
        fn empty() {}

        /// Does nothing: measures the cost of any query.
        #[cdk::query]
        fn empty_query() {}
    };
}

/// Messages that do one operation on a map of `u64` and nothing else. `$with` lends the map to a
/// closure.
#[macro_export]
macro_rules! alone_btree {
    ($with:path) => {
        /// Looks up one key.
        #[cdk::update]
        fn btree_get() {
            $with(|map| assert!($crate::Map::see(map, &$crate::KNOWN, |_| {})));
        }

        /// Looks up one key.
        #[cdk::query]
        fn btree_get_query() {
            $with(|map| assert!($crate::Map::see(map, &$crate::KNOWN, |_| {})));
        }

        /// Adds one entry.
        #[cdk::update]
        fn btree_insert() {
            $with(|map| assert!($crate::Map::put(map, $crate::ABSENT, 1)));
        }
    };
}

/// As [`alone_btree`](crate::alone_btree), for hash maps.
#[macro_export]
macro_rules! alone_hash {
    ($with:path) => {
        /// Looks up one key.
        #[cdk::update]
        fn hash_get() {
            $with(|map| assert!($crate::Map::see(map, &$crate::KNOWN, |_| {})));
        }

        /// Looks up one key.
        #[cdk::query]
        fn hash_get_query() {
            $with(|map| assert!($crate::Map::see(map, &$crate::KNOWN, |_| {})));
        }

        /// Adds one entry.
        #[cdk::update]
        fn hash_insert() {
            $with(|map| assert!($crate::Map::put(map, $crate::ABSENT, 1)));
        }
    };
}
