//! A table with two indexes, and the same as three maps that are kept by hand, to compare costs.
//! `tables-v2` is its upgrade.

use graven::{BTreeMap, BTreeSet, StableLayout, Table, Text};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    karma: u64,
    #[table(index)]
    name: Text<16>,
}

include!("../../tables.rs");

graven::canister!(App);

/// Different numbers in no order.
fn mixed(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn karma(n: u64) -> u64 {
    mixed(n) >> 40
}

fn name(n: u64) -> Text<16> {
    Text::new(format!("{:x}", mixed(n) >> 8)).unwrap()
}

/// Inserts rows into the table. Returns the instructions.
#[ic_cdk::update]
fn insert(from: u64, to: u64) -> u64 {
    measured(|app| {
        for n in from..to {
            let row = User { id: mixed(n), karma: karma(n), name: name(n) };
            app.users.insert(row).unwrap_or_else(|error| panic!("{error}"));
        }
    })
}

/// Inserts the same rows into the three maps.
#[ic_cdk::update]
fn insert_by_hand(from: u64, to: u64) -> u64 {
    measured(|app| {
        for n in from..to {
            app.rows.insert(mixed(n), Row { karma: karma(n), name: name(n) });
            app.by_karma.insert((karma(n), mixed(n)));
            app.by_name.insert((name(n), mixed(n)));
        }
    })
}

/// Overwrites rows with themselves.
#[ic_cdk::update]
fn upsert(from: u64, to: u64) -> u64 {
    measured(|app| {
        for n in from..to {
            let row = User { id: mixed(n), karma: karma(n), name: name(n) };
            app.users.upsert(row).unwrap_or_else(|error| panic!("{error}"));
        }
    })
}

/// Overwrites the rows of the map with themselves.
#[ic_cdk::update]
fn overwrite_by_hand(from: u64, to: u64) -> u64 {
    measured(|app| {
        for n in from..to {
            app.rows.insert(mixed(n), Row { karma: karma(n), name: name(n) });
        }
    })
}

#[ic_cdk::update]
fn insert_tickets(from: u64, to: u64) -> u64 {
    measured(|app| {
        for n in from..to {
            app.tickets.insert(Ticket { id: n, code: mixed(n) }).unwrap_or_else(|error| panic!("{error}"));
        }
    })
}

/// Reads rows by the unique index. Returns the instructions of these, and of reading the map as
/// often.
#[ic_cdk::query]
fn get(from: u64, to: u64) -> (u64, u64) {
    App::with(|app| {
        let unique = counted(|| {
            for n in from..to {
                assert_eq!(app.tickets.by(Ticket::BY_CODE).get(&mixed(n)).map(|row| row.id), Some(n));
            }
        });
        let map = counted(|| {
            for n in from..to {
                assert_eq!(app.rows.get(&mixed(n)).map(|row| row.karma), Some(karma(n)));
            }
        });
        (unique, map)
    })
}

/// Reads pages of 20 rows by the index of karma. Returns the instructions of these, of 20 rows by
/// their keys as often, and of a range of the set as often.
#[ic_cdk::query]
fn pages(times: u64) -> (u64, u64, u64) {
    App::with(|app| {
        let (mut keys, mut found) = (Vec::new(), 0);
        let by = || app.users.by(User::BY_KARMA);
        let page = counted(|| {
            for n in 0..times {
                found += by().range(karma(n)..).rows().take(20).count();
            }
        });
        for n in 0..times {
            keys.extend(by().range(karma(n)..).keys().take(20));
        }
        assert_eq!(keys.len(), found);
        let rows = counted(|| keys.iter().for_each(|key| assert!(app.users.get(key).is_some())));
        let ranges = counted(|| {
            for n in 0..times {
                assert!(app.by_karma.range((karma(n), 0)..).take(20).count() > 0);
            }
        });
        (page, rows, ranges)
    })
}

#[ic_cdk::query]
fn check(len: u64) {
    App::with(|app| {
        assert_eq!(app.users.len(), len);
        app.users.verify().unwrap_or_else(|error| panic!("{error}"));
    });
}

fn measured(work: impl FnOnce(&mut App)) -> u64 {
    App::with_mut(|app| counted(|| work(app)))
}

fn counted(work: impl FnOnce()) -> u64 {
    let before = ic_cdk::api::performance_counter(0);
    work();
    ic_cdk::api::performance_counter(0) - before
}

ic_cdk::export_candid!();
