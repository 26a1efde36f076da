//! Graven's tables in the bench, the same rows in maps that are kept by hand, and transactions.
//! `rows-graven-v2` is its upgrade.

mod by_hand;
mod table;

use std::cell::Cell;

use bench_work::{maps, tables};
use graven::{BTreeMap, BTreeSet, Table, Text};

use by_hand::{ByHand, Rest};
use table::{User, Users};

/// Inserts that one transaction has.
const TOGETHER: usize = 100;

#[graven::store]
struct Rows {
    users: Table<User>,
    rests: BTreeMap<u64, Rest>,
    by_karma: BTreeSet<(u64, u64)>,
    by_name: BTreeMap<Text<16>, u64>,
    numbers: BTreeMap<u64, u64>,
}

graven::canister!(Rows);

thread_local! {
    static IS_BY_HAND: Cell<bool> = const { Cell::new(false) };
}

/// Makes `run` use the maps that are kept by hand instead of the table.
#[ic_cdk::update]
fn keep_by_hand() {
    IS_BY_HAND.set(true);
}

/// The attributes that the bench's macros use.
mod cdk {
    pub use ic_cdk::{query, update};
}

fn run_on(structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    Rows::with_mut(|store| match structure {
        "table" if IS_BY_HAND.get() => {
            let Rows { rests, by_karma, by_name, .. } = store;
            tables::run(&mut ByHand { rests, by_karma, by_name }, operation, numbers)
        }
        "table" => tables::run(&mut Users(&mut store.users), operation, numbers),
        "transaction" => transactions(store, operation, numbers),
        other => panic!("no structure `{other}`"),
    })
}

/// Inserts numbers into a map, [`TOGETHER`] in a transaction if the operation says so, and undoes
/// it if the operation says so.
fn transactions(store: &mut Rows, operation: &str, numbers: &[u64]) -> u64 {
    let is_undone = match operation {
        "insert-together" => false,
        "insert-undone" => true,
        _ => return maps::run(&mut Numbers(&mut store.numbers), operation, numbers),
    };
    let mut done = 0;
    for numbers in numbers.chunks(TOGETHER) {
        let result = store.transact(|store| {
            done += maps::run(&mut Numbers(&mut store.numbers), "insert", numbers);
            if is_undone { Err(()) } else { Ok(()) }
        });
        assert_eq!(result.is_err(), is_undone);
    }
    done
}

struct Numbers<'a>(&'a mut BTreeMap<u64, u64>);

impl bench_work::Map<u64, u64> for Numbers<'_> {
    fn put(&mut self, key: u64, value: u64) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &u64, look: impl FnOnce(&u64)) -> bool {
        self.0.get(key).as_ref().map(look).is_some()
    }

    fn take(&mut self, key: &u64) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&u64, &u64)) {
        self.0.iter().for_each(|(key, value)| look(&key, &value));
    }
}

bench_work::methods!(run_on);
