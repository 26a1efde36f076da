//! Indexes that include fields of their rows, one of them within a struct.

use graven::{Error, StableLayout, Table};
use graven_tests::memory::{Bytes, Metered};

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Address {
    street: String,
    zip: u16,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(name, include(address, karma)))]
struct User {
    #[table(key)]
    id: String,
    #[table(unique(include(address)))]
    number: u32,
    name: String,
    karma: i64,
    address: Address,
}

#[test]
fn a_field_that_an_index_includes_is_read_without_the_row() {
    let memory = Metered::new(Bytes::default(), u64::MAX);
    let mut users: Table<User, Metered> = graven::open("users", memory.clone()).unwrap();
    for number in 0..20 {
        let address = Address { street: "Hill".repeat(number as usize), zip: 0 };
        let (id, name) = (format!("{number:03}"), format!("ann {number}"));
        users.insert(User { id, number, name, karma: 0, address }).unwrap();
    }
    for number in 0..20_u16 {
        let change = |row: &mut User| (row.karma, row.address.zip) = (number.into(), 8_000 + number);
        users.update(&format!("{number:03}"), change).unwrap();
    }
    users.verify().unwrap();
    let zip = User::ADDRESS.then(Address::ZIP);
    let (zips, karma) = ((0..20).map(|n| 8_000 + n), 0..20);
    // A leaf of 20 entries, and not a row.
    let within = |accesses: u64| memory.allow(accesses);
    within(3);
    assert!(users.by(User::BY_NUMBER).fields(zip).eq(zips.clone()));
    within(3);
    assert!(users.by(User::BY_NUMBER).fields(zip).rev().eq(zips.rev()));
    within(6);
    let mut found: Vec<i64> = users.by(User::BY_NAME).prefix("ann").fields(User::KARMA).collect();
    found.sort_unstable();
    assert!(found.into_iter().eq(karma));
    within(u64::MAX);
    let ids: Vec<String> = users.by(User::BY_NUMBER).range(7..9).keys().collect();
    assert_eq!(ids, ["007", "008"]);
    assert_eq!(users.by(User::BY_NUMBER).get(&7).unwrap().id, "007");
    assert_eq!(users.by(User::BY_NUMBER).fields(User::KARMA).nth(3), Some(3));
}

#[test]
fn included_fields_that_are_too_long_for_an_entry_are_refused() {
    let mut users: Table<User> = graven::open("users", Bytes::default()).unwrap();
    let address = |len| Address { street: "x".repeat(len), zip: 1 };
    let user =
        |len| User { id: "id".into(), number: 1, name: String::new(), karma: 2, address: address(len) };
    // The ends of the address and of the street, and the zip, are before the street.
    assert!(matches!(users.try_insert(user(993 - 18)), Err(Error::KeyTooLong { len: 993, .. })));
    assert!(users.is_empty());
    users.insert(user(992 - 18)).unwrap();
    let longer = users.try_update("id", |row| row.address = address(992));
    assert!(matches!(longer, Err(Error::KeyTooLong { .. })), "{longer:?}");
    users.verify().unwrap();
    assert_eq!(users.get("id").unwrap().address, address(992 - 18));
}
