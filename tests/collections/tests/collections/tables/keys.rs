//! The key of rows over upgrades. Rows stay under the keys that they were stored with, so a release
//! that would read other keys is refused.

use graven::schema::Rule;
use graven::{Budget, Error, Result, StableLayout, Table};
use graven_tests::memory::Bytes;

mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    pub struct Row {
        #[table(key)]
        pub id: u64,
        pub number: u64,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    pub struct Pair {
        #[table(key)]
        pub country: u16,
        #[table(key)]
        pub city: u32,
        pub people: u32,
    }
}

/// Returns a memory with rows 1 and 2 of number 7 and 8.
fn rows() -> Bytes {
    let memory = Bytes::default();
    let mut rows: Table<before::Row> = graven::open("rows", memory.clone()).unwrap();
    for id in 1..=2 {
        rows.insert(before::Row { id, number: id + 6 }).unwrap();
    }
    memory
}

/// Asserts that rows are refused for their key, and that nothing was written.
fn refused<T>(opened: Result<T>, memory: &Bytes, words: &str) {
    match opened.map(drop) {
        Err(Error::Refused(report)) => {
            let [problem] = &report.problems[..] else { panic!("{report}") };
            assert_eq!((problem.rule, problem.what.as_str()), (Rule::KeyFieldChanged, words));
        }
        other => panic!("{other:?}"),
    }
    let rows: Table<before::Row> = graven::open("rows", memory.clone()).unwrap();
    assert_eq!(rows.iter().map(|(key, row)| (key, row.number)).collect::<Vec<_>>(), [(1, 7), (2, 8)]);
    rows.verify().unwrap();
}

#[test]
fn another_field_as_the_key_is_refused() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        id: u64,
        #[table(key)]
        number: u64,
    }
    let memory = rows();
    refused(graven::open::<Table<Row>>("rows", memory.clone()), &memory, "the key was `id` and is `number`");
}

#[test]
fn a_key_that_takes_the_name_of_another_field_is_refused() {
    #[derive(StableLayout, Table)]
    #[layout(version = 2, moved(id, number, until = 2))]
    struct Row {
        #[table(key)]
        #[layout(renamed(number, until = 2))]
        id: u64,
        #[layout(renamed(id, until = 2))]
        old: u64,
    }
    let memory = rows();
    let words = "`id` has the values of `number`, and the key was `id`";
    refused(graven::open::<Table<Row>>("rows", memory.clone()), &memory, words);
}

#[test]
fn a_key_that_is_new_in_the_rows_is_refused() {
    #[derive(StableLayout, Table)]
    #[layout(version = 2)]
    struct Row {
        id: u64,
        number: u64,
        #[table(key)]
        #[layout(since = 2, default = 0)]
        key: u64,
    }
    let memory = rows();
    refused(graven::open::<Table<Row>>("rows", memory.clone()), &memory, "the key `key` is new");
}

#[test]
fn a_key_that_is_converted_is_refused() {
    #[derive(StableLayout, Table)]
    #[layout(version = 2)]
    struct Row {
        #[table(key)]
        #[layout(was(u64, until = 2, with = double))]
        id: u64,
        number: u64,
    }
    fn double(id: u64) -> u64 {
        2 * id
    }
    let memory = rows();
    refused(graven::open::<Table<Row>>("rows", memory.clone()), &memory, "the key `id` is converted");
}

#[test]
fn a_key_may_get_another_name_and_move() {
    #[derive(StableLayout, Table)]
    #[layout(version = 2, moved(id, number, until = 2))]
    struct Row {
        number: u64,
        #[table(key)]
        #[layout(renamed(id, until = 2))]
        user: u64,
    }
    #[derive(StableLayout, Table)]
    #[layout(version = 3, name = "Row", moved(id, number, until = 2))]
    struct Swapped {
        #[table(key)]
        number: u64,
        #[layout(renamed(id, until = 2))]
        user: u64,
        #[layout(since = 3, default = 0)]
        karma: u64,
    }
    #[derive(StableLayout, Table)]
    #[layout(version = 3, name = "Row", moved(id, number, until = 2))]
    struct Third {
        number: u64,
        #[table(key)]
        #[layout(renamed(id, until = 2))]
        user: u64,
        #[layout(since = 3, default = 0)]
        karma: u64,
    }
    let memory = rows();
    {
        let rows: Table<Row> = graven::open("rows", memory.clone()).unwrap();
        assert_eq!(rows.get(&2).map(|row| (row.user, row.number)), Some((2, 8)));
        rows.verify().unwrap();
    }
    // No row was written since, so the first release may come back.
    graven::open::<Table<before::Row>>("rows", memory.clone()).unwrap().verify().unwrap();
    graven::open::<Table<Row>>("rows", memory.clone()).unwrap().verify().unwrap();
    // All rows are in the first version still, in which the key has its first name.
    let refused = graven::open::<Table<Swapped>>("rows", memory.clone()).map(drop).unwrap_err().to_string();
    assert!(refused.contains("the key was `user` and is `number`"), "{refused}");
    let mut rows: Table<Third> = graven::open("rows", memory.clone()).unwrap();
    rows.update(&1, |row| row.karma = 5).unwrap();
    while !graven::Collection::sweep(&mut rows, &mut Budget::pages(1)).unwrap() {}
    rows.verify().unwrap();
    drop(rows);
    let rows: Table<Third> = graven::open("rows", memory).unwrap();
    let found: Vec<_> = rows.iter().map(|(key, row)| (key, row.user, row.number, row.karma)).collect();
    assert_eq!(found, [(1, 1, 7, 5), (2, 2, 8, 0)]);
}

#[test]
fn parts_of_a_key_that_change_places_are_refused() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        country: u16,
        city: u32,
        #[table(key)]
        people: u32,
    }
    let memory = Bytes::default();
    let mut rows: Table<before::Pair> = graven::open("rows", memory.clone()).unwrap();
    rows.insert(before::Pair { country: 41, city: 1, people: 9 }).unwrap();
    drop(rows);
    let refused = graven::open::<Table<Row>>("rows", memory).map(drop).unwrap_err().to_string();
    assert!(refused.contains("the key was `city` and is `people`"), "{refused}");
}

#[test]
fn verify_tells_a_key_that_a_conversion_of_whole_rows_changes() {
    #[derive(StableLayout, Table)]
    #[layout(version = 2, previous = before::Row)]
    struct Row {
        #[table(key)]
        id: u64,
        number: u64,
    }
    impl From<before::Row> for Row {
        fn from(old: before::Row) -> Row {
            Row { id: old.number, number: old.id }
        }
    }
    let rows: Table<Row> = graven::open("rows", rows()).unwrap();
    assert_eq!(rows.get(&1).map(|row| (row.id, row.number)), Some((7, 1)));
    let damage = rows.verify().unwrap_err().to_string();
    assert!(damage.contains("a row has another key than the one under which it is stored"), "{damage}");
}
