//! `check --image MEMORY NEW.wasm`.

use std::fs::File;

use graven::{Budget, DefaultMemoryImpl, Schema};

use crate::schemas::{broken, first, forgetful, nested, second, third};
use crate::support::Folder;

/// Returns a memory that the first code made and the second one has seen; `sweep` leaves nothing of
/// version 1.
fn memory(sweep: bool) -> Vec<u8> {
    let memory = DefaultMemoryImpl::default();
    let mut forum = first::Forum::open(memory.clone()).unwrap();
    for id in 0..500 {
        forum.users.insert(id, first::User { name: format!("user {id}"), age: 30 });
    }
    forum.limit.set(7);
    drop(forum);
    let mut forum = second::Forum::open(memory.clone()).unwrap();
    forum.users.insert(1, second::User { name: "Eva".into(), age: 40, karma: 3 });
    if sweep {
        assert!(forum.sweep(&mut Budget::pages(1000)).unwrap().is_done());
    }
    drop(forum);
    memory.borrow().clone()
}

fn folder(sweep: bool) -> Folder {
    let folder = Folder::new();
    folder.write("memory.bin", &memory(sweep));
    folder.wasm("second.wasm", second::Forum::ROOTS);
    folder.wasm("third.wasm", third::Forum::ROOTS);
    folder.wasm("forgetful.wasm", forgetful::Forum::ROOTS);
    folder.wasm("broken.wasm", broken::Forum::ROOTS);
    folder
}

#[test]
fn knows_which_versions_are_there() {
    let folder = folder(false);
    let before = std::fs::read(folder.path("memory.bin")).unwrap();
    let said = folder.run(&["check", "--image", "memory.bin", "second.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("users: BTreeMap<u64, User>  (500 entries, "), "{}", said.out);
    assert!(said.out.contains("    User v1  "), "{}", said.out);
    assert!(said.out.contains("    User v2  2 pages, the current layout\n"), "{}", said.out);
    assert!(said.out.contains("\nsafe: lazy migration of these roots: users\n"), "{}", said.out);
    assert!(!said.out.contains("no page holds"), "{}", said.out);
    let said = folder.run(&["check", "--image", "memory.bin", "forgetful.wasm"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("[version-forgotten]"), "{}", said.out);
    assert_eq!(std::fs::read(folder.path("memory.bin")).unwrap(), before);
}

#[test]
fn says_what_may_be_deleted() {
    let folder = folder(true);
    let said = folder.run(&["check", "--image", "memory.bin", "second.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
    let sentence = "no page holds User v1: its history may be deleted\n";
    assert!(said.out.contains(sentence), "{}", said.out);
    // And it may.
    let said = folder.run(&["check", "--image", "memory.bin", "forgetful.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("safe, nothing to migrate\n"), "{}", said.out);
    // A type that reads it through `previous` counts under its own name.
    let said = folder.run(&["check", "--image", "memory.bin", "third.wasm"]);
    assert!(said.out.contains(sentence) && !said.out.contains("UserV2"), "{}", said.out);
    assert!(!said.out.contains("no page holds User v2"), "{}", said.out);
    let said = folder.run(&["check", "--format", "json", "--image", "memory.bin", "third.wasm"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answer["unused"][0], serde_json::json!({"type": "User", "version": 1, "deletable": true}));
    assert_eq!(answer["roots"][0]["layouts"][0]["pages"], 0);
    assert_eq!(answer["roots"][0]["entries"], 500);
}

/// Older code may go on while the newer one has written nothing, and the check says so.
#[test]
fn says_whether_the_way_back_is_open() {
    let memory = DefaultMemoryImpl::default();
    first::Forum::open(memory.clone()).unwrap().users.insert(1, first::User { name: "Eva".into(), age: 40 });
    drop(second::Forum::open(memory.clone()).unwrap());
    let folder = folder(false);
    folder.wasm("first.wasm", first::Forum::ROOTS);
    let said = folder.run(&["check", "--image", "memory.bin", "first.wasm"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("[version-newer]") && !said.out.contains("the way back"), "{}", said.out);
    folder.write("memory.bin", &memory.borrow());
    let said = folder.run(&["check", "--image", "memory.bin", "first.wasm"]);
    let sentence =
        "\nsafe, nothing to migrate\nthe way back is open: no record is in the later layouts of users\n";
    assert!(said.code == 0 && said.out.ends_with(sentence), "{said:?}");
    let said = folder.run(&["check", "--format", "json", "--image", "memory.bin", "first.wasm"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answer["taken_back"], serde_json::json!(["users"]));
    first::Forum::open(memory).unwrap();
}

#[test]
fn refused_as_opening_would() {
    let folder = folder(true);
    let memory = DefaultMemoryImpl::default();
    memory.borrow_mut().extend(self::memory(true));
    let Err(error) = broken::Forum::open(memory) else { panic!("it was opened") };
    let said = folder.run(&["check", "--image", "memory.bin", "broken.wasm"]);
    assert_eq!(said.code, 1);
    assert!(said.out.ends_with(&format!("refused\n\nerror: {error}")), "{}", said.out);
}

#[test]
fn an_empty_memory_is_no_problem() {
    let folder = folder(true);
    folder.write("memory.bin", &[]);
    let said = folder.run(&["check", "--image", "memory.bin", "second.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("safe, nothing to migrate\nnew roots: users, states, limit, events\n"));
}

/// Only a few pages are read, so an entirely sparse memory takes no time.
#[test]
fn a_large_memory_is_not_read_whole() {
    let folder = folder(false);
    let file = File::options().write(true).open(folder.path("memory.bin")).unwrap();
    file.set_len(64 << 30).unwrap();
    let said = folder.run(&["check", "--image", "memory.bin", "second.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
}

/// Versions of types in types are found by walking both, and one in the middle has to stay.
#[test]
fn types_in_types() {
    let memory = DefaultMemoryImpl::default();
    let folder = Folder::new();
    folder.wasm("same.wasm", nested::same::Shop::ROOTS);
    let mut shop = nested::same::Shop::open(memory.clone()).unwrap();
    shop.contacts.insert(1, (0, None));
    drop(shop);
    folder.write("memory.bin", &memory.borrow());
    let said = folder.run(&["check", "--image", "memory.bin", "same.wasm"]);
    for version in ["Address v1", "Address v2", "Contact v1"] {
        let sentence = format!("no page holds {version}: its history may be deleted\n");
        assert!(said.out.contains(&sentence), "{}", said.out);
    }
    assert!(!said.out.contains("Address v3:") && !said.out.contains("Contact v2:"), "{}", said.out);
}
