//! Tables and indexes as tools see them: in an image, in the section of a wasm, in a lock.

use graven::{Schema, StableLayout, Table};
use graven_core::lock::{self, Lock};
use graven_core::store::{CollectionKind, check_image, check_specs, inspect, section, way_back};
use graven_tests::memory::Bytes;

mod old {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    pub(super) struct User {
        #[table(key)]
        pub(super) id: u64,
        #[table(unique)]
        pub(super) email: String,
        #[table(index)]
        pub(super) name: String,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) users: Table<User>,
    }
}

mod new {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 2)]
    #[table(index(name, karma, name = "name"))]
    pub(super) struct User {
        #[table(key)]
        pub(super) id: u64,
        #[table(unique)]
        pub(super) email: String,
        pub(super) name: String,
        #[layout(since = 2, default = 5)]
        #[table(index)]
        pub(super) karma: u64,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) users: Table<User>,
    }
}

fn written() -> Bytes {
    let memory = Bytes::default();
    let mut app = old::App::open(memory.clone()).unwrap();
    for id in 0..10 {
        app.users.insert(old::User { id, email: id.to_string(), name: String::new() }).unwrap();
    }
    memory
}

fn declared<S: Schema>() -> section::Declared {
    section::parse(&section::to_vec(S::ROOTS, S::DROPPED)).unwrap()
}

#[test]
fn an_index_is_listed_beside_its_table() {
    let roots = inspect(written()).unwrap();
    let listed: Vec<(String, u64)> = roots.iter().map(|root| (root.declaration(), root.entries)).collect();
    let expected = [
        ("users: Table<User>", 10),
        ("users.email: UniqueIndex<String>", 10),
        ("users.name: Index<(String, u64)>", 10),
    ];
    assert_eq!(listed, expected.map(|(root, entries)| (root.to_owned(), entries)));
    assert!(roots.iter().skip(1).all(|root| root.kind.is_index()));
    assert_eq!(roots[0].kind, CollectionKind::Table);
    let words: Vec<String> = roots.iter().map(|root| format!("{:?}", root.layouts[0].layout)).collect();
    assert!(words[1].contains("\"email\"") && words[2].contains("\"name\""), "{words:?}");
}

/// The section of a wasm has the definitions of indexes as the code has them.
#[test]
fn a_section_declares_what_its_code_does() {
    let verdict = check_image(written(), &declared::<old::App>()).unwrap();
    assert_eq!(verdict, Default::default());
    let code = declared::<old::App>();
    let same = |(parsed, spec): (&graven_core::store::RootSpec, &graven_core::store::RootSpec)| {
        (parsed.name, parsed.kind, parsed.value_fingerprint) == (spec.name, spec.kind, spec.value_fingerprint)
    };
    assert!(code.roots.iter().zip(old::App::ROOTS).all(same));
    assert_eq!(code.roots.len(), old::App::ROOTS.len());
}

#[test]
fn indexes_that_come_change_and_go_are_no_problem_in_either_direction() {
    let (old, new) = (declared::<old::App>(), declared::<new::App>());
    let verdict = check_image(written(), &new).unwrap();
    assert_eq!((verdict.problems.len(), verdict.migrating.as_slice()), (0, &["users".to_owned()][..]));
    assert!(verdict.new.contains(&"users.karma".to_owned()), "{:?}", verdict.new);
    assert_eq!(check_specs(&old.roots, &new).unwrap().problems, []);
    let back = way_back(&old, &new).unwrap();
    assert_eq!((back.problems.len(), back.lost.len()), (0, 0));
    assert_eq!(back.closed_by, ["users"], "a row in version 2");
}

#[test]
fn a_lock_has_the_versions_of_rows_and_no_indexes() {
    let mut locked = Lock::default();
    lock::update(&mut locked, old::App::ROOTS, old::App::DROPPED).unwrap();
    assert_eq!(lock::compare(&locked, old::App::ROOTS, old::App::DROPPED), []);
    let text = locked.to_string();
    assert!(text.contains("User") && !text.contains("Index"), "{text}");
    lock::update(&mut locked, new::App::ROOTS, new::App::DROPPED).unwrap();
    assert_eq!(lock::compare(&locked, new::App::ROOTS, new::App::DROPPED), []);
}
