//! The upgrade of `rows-graven-v1`: its table has one more index, and the store 20 tables with
//! three indexes each. What it takes to make that index, and to open that store, is measured.

use graven::{Budget, StableLayout, Table, Text};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    karma: u64,
    #[table(unique)]
    name: Text<16>,
    #[table(index)]
    visits: u32,
}

#[graven::store]
#[store(dropped("rests", "by_karma", "by_name", "numbers"))]
struct Rows {
    users: Table<User>,
    users_2: Table<User>,
    users_3: Table<User>,
    users_4: Table<User>,
    users_5: Table<User>,
    users_6: Table<User>,
    users_7: Table<User>,
    users_8: Table<User>,
    users_9: Table<User>,
    users_10: Table<User>,
    users_11: Table<User>,
    users_12: Table<User>,
    users_13: Table<User>,
    users_14: Table<User>,
    users_15: Table<User>,
    users_16: Table<User>,
    users_17: Table<User>,
    users_18: Table<User>,
    users_19: Table<User>,
    users_20: Table<User>,
}

graven::canister!(Rows);

/// Completes the index.
#[ic_cdk::update]
fn sweep() {
    Rows::with_mut(|store| {
        let swept = store.sweep(&mut Budget::while_true(&mut || true)).expect("nothing is damaged");
        assert!(swept.is_done(), "the budget never ends");
    });
}

/// Returns how many entries the index has.
#[ic_cdk::query]
fn indexed() -> u64 {
    Rows::with(|store| store.users.by(User::BY_VISITS).count())
}
