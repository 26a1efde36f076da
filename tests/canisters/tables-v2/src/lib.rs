//! The upgrade of `tables-v1`: an index of karma is gone, one of initials is new, that of names is
//! defined in another way, and the row has one more field. The sweep makes the new ones while the
//! canister serves.

use graven::{BTreeMap, BTreeSet, Error, StableLayout, Table, Text};

#[derive(StableLayout, Table)]
#[layout(version = 2)]
#[table(index(by = initial -> u8), index(name, karma, name = "name"))]
struct User {
    #[table(key)]
    id: u64,
    karma: u64,
    name: Text<16>,
    #[layout(since = 2, default = true)]
    is_active: bool,
}

fn initial(user: &User) -> u8 {
    user.name.bytes().next().unwrap_or_default()
}

include!("../../tables.rs");

graven::canister!(App, sweep = 100_000_000);

/// Returns the number of rows with an initial, or that of the entries so far while the index is not
/// complete.
#[ic_cdk::query]
fn with_initial(initial: u8) -> Result<u64, u64> {
    App::with(|app| match app.users.try_by(User::BY_INITIAL) {
        Ok(query) => Ok(query.equal(&initial).count()),
        Err(Error::IndexIncomplete(index)) => Err(index.done),
        Err(error) => panic!("{error}"),
    })
}

/// Changes the name of a row, removes another one and inserts a third.
#[ic_cdk::update]
fn change(id: u64, removed: u64, inserted: u64) {
    App::with_mut(|app| {
        let renamed = app.users.update(&id, |user| user.name = Text::new("zoe").unwrap());
        renamed.unwrap_or_else(|error| panic!("{error}")).expect("there is such a row");
        app.users.remove(&removed).expect("no other table refers to it").expect("there is such a row");
        let user = User { id: inserted, karma: 0, name: Text::new("zack").unwrap(), is_active: false };
        app.users.insert(user).unwrap_or_else(|error| panic!("{error}"));
    });
}

#[ic_cdk::query]
fn check(len: u64) {
    App::with(|app| {
        assert_eq!(app.users.len(), len);
        app.users.verify().unwrap_or_else(|error| panic!("{error}"));
        app.tickets.verify().unwrap_or_else(|error| panic!("{error}"));
    });
}

ic_cdk::export_candid!();
