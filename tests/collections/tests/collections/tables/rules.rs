//! One rule of tables after the other.

use std::ops::Bound;

use graven::error::Broken;
use graven::table::IndexState;
use graven::{Budget, Cursor, Direction, Error, StableLayout, Table, Text};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma), index(by = lowercase -> String))]
struct User {
    #[table(key, auto)]
    id: u64,
    #[table(unique)]
    email: String,
    #[table(index)]
    name: String,
    country: Text<2>,
    karma: i64,
}

fn lowercase(user: &User) -> String {
    assert_ne!(user.name, "panic", "this name is refused");
    user.name.to_lowercase()
}

#[graven::store]
struct App {
    users: Table<User>,
    others: Table<User>,
}

fn user(name: &str, country: &str, karma: i64) -> User {
    let email = format!("{name}{country}{karma}@example.org");
    User { id: 0, email, name: name.into(), country: country.parse().unwrap(), karma }
}

fn app() -> App {
    App::open(Bytes::default()).unwrap()
}

#[test]
fn rows_are_found_by_prefix_range_and_value() {
    let mut app = app();
    for (name, country, karma) in [("foo", "CH", 3), ("Foobar", "CH", 9), ("bar", "AT", 5), ("fob", "AT", 1)]
    {
        app.users.insert(user(name, country, karma)).unwrap();
    }
    let names = |users: Vec<User>| users.into_iter().map(|user| user.name).collect::<Vec<_>>();
    let by_name = app.users.by(User::BY_NAME);
    assert_eq!(names(by_name.clone().prefix("fo").rows().collect()), ["fob", "foo"]);
    assert_eq!(names(app.users.by(User::BY_LOWERCASE).prefix("foo").rows().collect()), ["foo", "Foobar"]);
    assert_eq!(names(by_name.clone().range("bar"..="foo").rows().rev().collect()), ["foo", "fob", "bar"]);
    assert_eq!(by_name.clone().equal("bar").keys().collect::<Vec<_>>(), [2]);
    let best = app.users.by(User::BY_COUNTRY_KARMA).prefix(&("CH",));
    assert_eq!(names(best.rows().rev().take(1).collect()), ["Foobar"]);
    assert_eq!(best.fields(User::NAME).rev().collect::<Vec<_>>(), ["Foobar", "foo"]);
    assert_eq!(app.users.get_field(&3, User::KARMA), Some(1));
    assert_eq!(best.entries().map(|((_, karma), id)| (karma, id)).collect::<Vec<_>>(), [(3, 0), (9, 1)]);
    let from = Text::new("CH").unwrap();
    assert_eq!(app.users.by(User::BY_COUNTRY_KARMA).range((from, 4)..).count(), 1);
    assert_eq!(app.users.by(User::BY_EMAIL).get("barAT5@example.org").unwrap().name, "bar");
    assert_eq!(app.users.by(User::BY_EMAIL).prefix("fo").count(), 2);
    assert_eq!(app.users.by(User::BY_EMAIL).range("c"..).count(), 2);
    app.users.verify().unwrap();
}

#[test]
fn nothing_is_after_the_greatest_value_nor_before_the_least() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        id: u64,
        #[table(index)]
        number: u64,
        #[table(unique)]
        other: u64,
    }
    let mut rows: Table<Row> = graven::open("rows", Bytes::default()).unwrap();
    for (id, number) in [(0, u64::MAX), (u64::MAX, u64::MAX), (5, 0)] {
        rows.insert(Row { id, number, other: id }).unwrap();
    }
    let (by, unique) = (rows.by(Row::BY_NUMBER), rows.by(Row::BY_OTHER));
    let after = |value| (Bound::Excluded(value), Bound::Unbounded);
    assert_eq!(by.clone().range(after(u64::MAX)).count(), 0);
    assert_eq!(unique.clone().range(after(u64::MAX)).count(), 0);
    assert_eq!(by.clone().range(after(u64::MAX - 1)).keys().collect::<Vec<_>>(), [0, u64::MAX]);
    assert_eq!(by.clone().range(u64::MAX..=u64::MAX).keys().rev().collect::<Vec<_>>(), [u64::MAX, 0]);
    assert_eq!((by.clone().range(..0).count(), by.clone().range(..=0).count()), (0, 1));
    assert_eq!((unique.clone().range(..0).count(), unique.range(..=0).count()), (0, 1));
    assert_eq!(by.equal(&u64::MAX).rows().map(|row| row.other).collect::<Vec<_>>(), [0, u64::MAX]);
    assert_eq!((&rows).into_iter().count(), 3);
    let last = rows.page(Some(&rows.cursor_at_end()), 2).unwrap();
    assert_eq!(last.items.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [u64::MAX, 5]);
    let first = rows.page(last.next.as_ref(), 2).unwrap();
    assert_eq!((first.items.len(), first.items[0].0, first.next), (1, 0, None));
    rows.verify().unwrap();
}

#[test]
fn numbers_are_given_once() {
    let memory = Bytes::default();
    let mut app = App::open(memory.clone()).unwrap();
    assert_eq!(app.users.insert(user("a", "CH", 0)).unwrap(), 0);
    assert_eq!(app.users.insert(user("b", "CH", 0)).unwrap(), 1);
    app.users.remove(&1).unwrap().unwrap();
    let mut app = App::open(memory).unwrap();
    assert_eq!(app.users.insert(user("c", "CH", 0)).unwrap(), 2);
    app.users.clear().unwrap();
    assert_eq!(app.users.insert(user("d", "CH", 0)).unwrap(), 3);
    app.users.upsert(User { id: 50, ..user("e", "CH", 0) }).unwrap();
    assert_eq!(app.users.insert(user("f", "CH", 0)).unwrap(), 51);
}

#[test]
fn a_row_that_breaks_a_rule_names_it_and_the_other_row() {
    let mut app = app();
    app.users.insert(user("ann", "CH", 1)).unwrap();
    app.users.insert(user("bob", "CH", 1)).unwrap();
    let broken = app.users.insert(user("ann", "CH", 1)).unwrap_err();
    assert_eq!((broken.table.as_str(), broken.key()), ("users", Some(0_u64)));
    assert_eq!(broken.rule, Broken::Unique { index: "email".into() });
    assert_eq!(
        broken.to_string(),
        "the index `email` of `users` is unique, and the row 0x0000000000000000 has this value already"
    );
    let before: Vec<User> = app.users.iter().map(|(_, row)| row).collect();
    let taken = app.users.update(&1, |row| row.email = "annCH1@example.org".into()).unwrap_err();
    assert_eq!(taken.key(), Some(0_u64));
    let moved = app.users.update(&1, |row| row.id = 7).unwrap_err();
    assert_eq!((moved.rule, moved.row), (Broken::KeyChanged, 1_u64.to_be_bytes().to_vec()));
    assert_eq!(app.users.update(&9, |_| ()), Ok(None));
    assert_eq!(app.users.iter().map(|(_, row)| row).collect::<Vec<_>>(), before);
    app.users.verify().unwrap();
}

#[test]
fn an_expression_that_panics_leaves_rows_and_indexes_alone() {
    let mut app = app();
    app.users.insert(user("ann", "CH", 1)).unwrap();
    caught(|| app.users.insert(user("panic", "CH", 1))).unwrap_err();
    caught(|| app.users.update(&0, |row| row.name = "panic".into())).unwrap_err();
    caught(|| app.users.upsert(user("panic", "CH", 1))).unwrap_err();
    app.users.verify().unwrap();
    assert_eq!(app.users.get(&0).unwrap().name, "ann");
    assert_eq!(app.users.len(), 1);
}

#[test]
fn values_that_are_too_long_for_an_index_are_refused() {
    let mut app = app();
    let long = User { name: "x".repeat(990), ..user("x", "CH", 1) };
    assert!(matches!(app.users.try_insert(long.clone()), Err(Error::KeyTooLong { len: 1_000, .. })));
    app.users.insert(user("x", "CH", 1)).unwrap();
    assert!(matches!(app.users.try_update(&0, |row| row.name = long.name), Err(Error::KeyTooLong { .. })));
    app.users.verify().unwrap();
}

#[test]
fn pages_of_an_index_go_on_where_they_stopped_in_both_directions() {
    let mut app = app();
    for karma in 0..30 {
        app.users.insert(user("x", "CH", karma)).unwrap();
    }
    let query = app.users.by(User::BY_COUNTRY_KARMA).prefix(&("CH",));
    let first = query.page(None, 10).unwrap();
    let cursor = Cursor::from_bytes(&first.next.unwrap().to_bytes()).unwrap();
    let second = query.page(Some(&cursor), 25).unwrap();
    let karma: Vec<i64> = first.items.iter().chain(&second.items).map(|user| user.karma).collect();
    assert_eq!(karma, (0..30).collect::<Vec<_>>());
    assert_eq!(second.next, None);
    let last = query.page(Some(&query.cursor_at_end()), 2).unwrap();
    assert_eq!(last.items.iter().map(|user| user.karma).collect::<Vec<_>>(), [29, 28]);
    assert_eq!(last.next.unwrap().direction(), Direction::Backward);
    let others = app.others.by(User::BY_COUNTRY_KARMA);
    assert!(matches!(others.page(Some(&cursor), 2), Err(Error::BadCursor { .. })));
    assert!(matches!(app.users.by(User::BY_NAME).page(Some(&cursor), 2), Err(Error::BadCursor { .. })));
    assert_eq!(app.users.page(None, 7).unwrap().items.len(), 7);
}

mod without_index {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "User")]
    pub(super) struct User {
        #[table(key)]
        pub(super) id: u64,
        pub(super) email: String,
        pub(super) name: String,
        pub(super) country: Text<2>,
        pub(super) karma: i64,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) users: Table<User>,
    }
}

mod with_index {
    use super::*;

    #[derive(Debug, StableLayout, Table)]
    #[layout(version = 1, name = "User")]
    pub(super) struct User {
        #[table(key)]
        pub(super) id: u64,
        #[table(unique)]
        pub(super) email: String,
        #[table(index)]
        pub(super) name: String,
        pub(super) country: Text<2>,
        pub(super) karma: i64,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) users: Table<User>,
    }
}

/// Rows of the code without indexes. The email of the last one is that of the first.
fn without_indexes(memory: &Bytes) {
    let mut app = without_index::App::open(memory.clone()).unwrap();
    for id in 0..100_u64 {
        let email = format!("{}@example.org", id % 99);
        let (name, country) = (format!("{}", id % 7), "CH".parse().unwrap());
        app.users.insert(without_index::User { id, email, name, country, karma: 0 }).unwrap();
    }
}

#[test]
fn a_new_unique_index_waits_for_rows_with_the_same_value() {
    let memory = Bytes::default();
    without_indexes(&memory);
    let mut app = with_index::App::open(memory.clone()).unwrap();
    assert_eq!(
        app.users.index_state(with_index::User::BY_NAME),
        IndexState::Incomplete { done: 0, rows: 100 }
    );
    let waiting = app.users.try_by(with_index::User::BY_NAME).unwrap_err();
    assert!(waiting.to_string().starts_with("the index `users.name` has 0 of 100 rows so far"), "{waiting}");
    let progress = app.sweep(&mut Budget::pages(2)).unwrap();
    assert!(!progress.is_done() && !progress.is_finished());
    assert_eq!(progress.to_string(), "2 indexes are not complete");
    let mut app = with_index::App::open(memory).unwrap();
    assert_eq!(
        app.users.index_state(with_index::User::BY_EMAIL),
        IndexState::Incomplete { done: 64, rows: 100 }
    );
    while !app.sweep(&mut Budget::pages(1)).unwrap().is_finished() {}
    let IndexState::Blocked(broken) = app.users.index_state(with_index::User::BY_EMAIL) else { panic!() };
    assert_eq!(broken.key(), Some(0_u64));
    assert_eq!(app.users.stats().incomplete_indexes, 1);
    assert_eq!(app.users.by(with_index::User::BY_NAME).equal("3").count(), 14);
    app.users.verify().unwrap();
    app.users.update(&0, |row| row.email = "another".into()).unwrap();
    assert!(app.sweep(&mut Budget::pages(9)).unwrap().is_done());
    assert_eq!(app.users.by(with_index::User::BY_EMAIL).get("0@example.org").unwrap().id, 99);
    app.users.verify().unwrap();
}

#[test]
fn an_index_that_the_code_no_longer_has_is_dropped_and_made_anew_later() {
    let memory = Bytes::default();
    let mut app = with_index::App::open(memory.clone()).unwrap();
    let row = |id: u64| with_index::User {
        id,
        email: format!("{id}"),
        name: String::new(),
        country: "CH".parse().unwrap(),
        karma: 0,
    };
    (0..1_000).for_each(|id| _ = app.users.insert(row(id)).unwrap());
    let mut old = without_index::App::open(memory.clone()).unwrap();
    assert_eq!(old.stats().len(), 1);
    old.users.remove(&5).unwrap().unwrap();
    let mut app = with_index::App::open(memory).unwrap();
    assert!(app.users.try_by(with_index::User::BY_EMAIL).is_err());
    assert!(app.sweep(&mut Budget::pages(u64::MAX)).unwrap().is_done());
    app.users.verify().unwrap();
    assert_eq!(app.users.by(with_index::User::BY_EMAIL).count(), 999);
}

#[test]
fn a_dropped_table_takes_its_indexes_along() {
    #[graven::store]
    #[store(dropped("users", "others"))]
    struct Rest {
        other: graven::BTreeMap<u64, Vec<u8>>,
    }
    let memory = Bytes::default();
    let mut app = App::open(memory.clone()).unwrap();
    (0..5_000).for_each(|karma| _ = app.users.insert(user("x", "CH", karma)).unwrap());
    let mut rest = Rest::open(memory).unwrap();
    let before = rest.usage().memory_bytes;
    (0..200).for_each(|key| _ = rest.other.insert(key, vec![1; 3_000]));
    assert_eq!(rest.usage().memory_bytes, before, "the pages of rows and indexes are used again");
}

/// The entries of the later release followed from its conversion, and it wrote no row.
#[test]
fn an_index_is_made_anew_where_a_release_with_a_conversion_is_taken_back() {
    mod later {
        use super::*;

        #[derive(StableLayout, Table)]
        #[layout(version = 2, name = "User", previous = with_index::User)]
        pub(super) struct User {
            #[table(key)]
            pub(super) id: u64,
            #[table(unique)]
            pub(super) email: String,
            #[table(index)]
            pub(super) name: String,
            pub(super) more: u8,
        }

        impl From<with_index::User> for User {
            fn from(user: with_index::User) -> Self {
                User { id: user.id, email: user.email, name: format!("the {}", user.name), more: 0 }
            }
        }

        #[graven::store]
        pub(super) struct App {
            pub(super) users: Table<User>,
        }
    }
    let memory = Bytes::default();
    let mut app = with_index::App::open(memory.clone()).unwrap();
    let (country, karma) = ("CH".parse().unwrap(), 0);
    app.users
        .insert(with_index::User { id: 1, email: "a".into(), name: "ann".into(), country, karma })
        .unwrap();
    drop(app);
    let later = later::App::open(memory.clone()).unwrap();
    assert!(later.users.try_by(later::User::BY_NAME).is_err(), "the names are others now");
    drop(later);
    let mut app = with_index::App::open(memory).unwrap();
    assert!(app.users.try_by(with_index::User::BY_NAME).is_err());
    assert!(app.sweep(&mut Budget::pages(9)).unwrap().is_done());
    assert_eq!(app.users.by(with_index::User::BY_NAME).equal("ann").count(), 1);
    app.users.verify().unwrap();
}
