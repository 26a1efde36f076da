//! Indexes of fields whose name another field takes. The entries follow from the field that had the
//! name before, so the index is made anew. It stays where fields beside it change.

use graven::table::IndexState;
use graven::{Budget, StableKey, StableLayout, Table};
use graven_tests::memory::Bytes;

mod before {
    use super::*;

    #[derive(StableLayout, StableKey, Clone, Copy)]
    #[layout(version = 1, name = "Place")]
    pub struct Place {
        pub x: u32,
        pub y: u32,
    }

    #[derive(StableLayout, Clone, Copy)]
    #[layout(version = 1, name = "Light")]
    pub enum Light {
        Red,
        Green,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    pub struct Row {
        #[table(key)]
        pub id: u64,
        #[table(index)]
        pub a: u32,
        pub b: u32,
        #[table(unique)]
        pub c: u32,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    pub struct Placed {
        #[table(key)]
        pub id: u64,
        #[table(index)]
        pub place: Place,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    #[table(index(by = is_red -> bool))]
    pub struct Lit {
        #[table(key)]
        pub id: u64,
        pub light: Light,
    }

    fn is_red(row: &Lit) -> bool {
        matches!(row.light, Light::Red)
    }

    #[graven::store]
    pub struct App {
        pub rows: Table<Row>,
    }

    #[graven::store]
    pub struct PlacedApp {
        pub rows: Table<Placed>,
    }

    #[graven::store]
    pub struct LitApp {
        pub rows: Table<Lit>,
    }
}

/// Returns a memory with rows that have `a` 1, 2, 3, `b` 10, 20, 30 and `c` 100, 200, 300.
fn rows() -> Bytes {
    let memory = Bytes::default();
    let mut app = before::App::open(memory.clone()).unwrap();
    for n in 1..=3 {
        app.rows.insert(before::Row { id: n.into(), a: n, b: 10 * n, c: 100 * n }).unwrap();
    }
    memory
}

/// Declares the next release of the row. Checks that its index of `a` stays or is made anew, and
/// has these values in the end.
macro_rules! next {
    ($test:ident, $stays:literal, $values:expr, $(#[$attribute:meta])* { $($fields:tt)* }) => {
        #[test]
        fn $test() {
            #[derive(StableLayout, Table)]
            #[layout(version = 2, name = "Row")]
            $(#[$attribute])*
            struct Row {
                #[table(key)]
                id: u64,
                $($fields)*
            }
            #[graven::store]
            struct App {
                rows: Table<Row>,
            }
            let mut app = App::open(rows()).unwrap();
            app.rows.verify().unwrap();
            assert_eq!(app.rows.index_state(Row::BY_A) == IndexState::Complete, $stays);
            app.rows.update(&2, |_| ()).unwrap().unwrap();
            app.rows.verify().unwrap();
            while !app.sweep(&mut Budget::pages(1)).unwrap().is_done() {}
            app.rows.verify().unwrap();
            let values: Vec<u32> = app.rows.by(Row::BY_A).entries().map(|(value, _)| value).collect();
            assert_eq!(values, $values);
            app.rows.remove(&1).unwrap().unwrap();
            app.rows.verify().unwrap();
        }
    };
}

next!(two_fields_swap_their_names, false, [10, 20, 30], #[layout(moved(id, a, b, c, until = 2))] {
    #[table(index)]
    #[layout(renamed(b, until = 2))]
    a: u32,
    #[layout(renamed(a, until = 2))]
    b: u32,
    c: u32,
});

next!(a_field_takes_the_name_of_one_that_is_removed, false, [10, 20, 30], {
    #[table(index)]
    #[layout(removed(a: u32, until = 2), renamed(b, until = 2))]
    a: u32,
    c: u32,
});

next!(a_field_comes_back_under_its_name, false, [7, 7, 7], {
    #[layout(removed(a: u32, until = 2))]
    b: u32,
    c: u32,
    #[table(index)]
    #[layout(since = 2, default = 7)]
    a: u32,
});

next!(a_field_without_a_default_comes_back_under_its_name, false, [0, 0, 0], {
    #[layout(removed(a: u32, until = 2))]
    b: u32,
    c: u32,
    #[table(index)]
    #[layout(since = 2)]
    a: u32,
});

next!(a_field_stays_beside_others_that_change, true, [1, 2, 3], #[layout(moved(id, a, b, c, until = 2))] {
    #[layout(renamed(c, until = 2))]
    d: u32,
    #[table(index)]
    a: u32,
    b: u32,
});

#[test]
fn parts_of_a_field_swap_their_names() {
    #[derive(StableLayout, StableKey, Debug, PartialEq)]
    #[layout(version = 2, moved(x, y, until = 2))]
    struct Place {
        #[layout(renamed(y, until = 2))]
        x: u32,
        #[layout(renamed(x, until = 2))]
        y: u32,
    }
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        id: u64,
        #[table(index)]
        place: Place,
    }
    #[graven::store]
    struct App {
        rows: Table<Row>,
    }
    let memory = Bytes::default();
    let mut old = before::PlacedApp::open(memory.clone()).unwrap();
    for n in 1..=2 {
        old.rows.insert(before::Placed { id: n.into(), place: before::Place { x: n, y: 9 } }).unwrap();
    }
    let mut app = App::open(memory).unwrap();
    app.rows.verify().unwrap();
    while !app.sweep(&mut Budget::pages(1)).unwrap().is_done() {}
    app.rows.verify().unwrap();
    let places: Vec<Place> = app.rows.by(Row::BY_PLACE).entries().map(|(place, _)| place).collect();
    assert_eq!(places, [Place { x: 9, y: 1 }, Place { x: 9, y: 2 }]);
}

#[test]
fn variants_of_a_field_swap_their_names() {
    #[derive(StableLayout)]
    #[layout(version = 2)]
    enum Light {
        #[layout(tag = 1, renamed(Green, until = 2))]
        Red,
        #[layout(tag = 0, renamed(Red, until = 2))]
        Green,
    }
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    #[table(index(by = is_red -> bool))]
    struct Row {
        #[table(key)]
        id: u64,
        light: Light,
    }
    fn is_red(row: &Row) -> bool {
        matches!(row.light, Light::Red)
    }
    #[graven::store]
    struct App {
        rows: Table<Row>,
    }
    let memory = Bytes::default();
    let mut old = before::LitApp::open(memory.clone()).unwrap();
    for (id, light) in [(1, before::Light::Red), (2, before::Light::Green)] {
        old.rows.insert(before::Lit { id, light }).unwrap();
    }
    let mut app = App::open(memory).unwrap();
    app.rows.verify().unwrap();
    while !app.sweep(&mut Budget::pages(1)).unwrap().is_done() {}
    app.rows.verify().unwrap();
    assert!(app.rows.by(Row::BY_IS_RED).entries().eq([(false, 1), (true, 2)]));
}
