//! Images in all their forms, and files that are none.

use std::fs::File;

use graven::{BTreeMap, DefaultMemoryImpl, Memory};
use graven_core::memory::FileDirectory;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};

use crate::support::Folder;
use crate::town;

/// Opens the map that all images of this file have.
fn numbers<M: Memory + 'static>(memory: M) -> BTreeMap<u64, u64, M> {
    graven_collections::open("numbers", memory).unwrap()
}

fn bytes(memory: &DefaultMemoryImpl) -> Vec<u8> {
    memory.borrow().clone()
}

const WORDS: [&str; 4] = ["get", "memory", "numbers", "7"];

const FOUND: &str = "{\"key\":7,\"value\":49}\n";

#[test]
fn the_folder_of_a_snapshot() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("memory")).unwrap();
    let memory = DefaultMemoryImpl::default();
    numbers(memory.clone()).insert(7, 49);
    folder.write("memory/stable_memory.bin", &bytes(&memory));
    folder.write("memory/metadata.json", b"{}");
    assert_eq!(folder.run(&WORDS).out, FOUND);
}

#[test]
fn a_memory_of_a_manager() {
    let (folder, memory) = (Folder::new(), DefaultMemoryImpl::default());
    let manager = MemoryManager::init(memory.clone());
    manager.get(MemoryId::new(0)).grow(3);
    numbers(manager.get(MemoryId::new(5))).insert(7, 49);
    // A second bucket.
    manager.get(MemoryId::new(0)).grow(200);
    folder.write("memory", &bytes(&memory));
    assert_eq!(folder.run(&WORDS).out, FOUND);
    assert_eq!(folder.run(&[&WORDS[..], &["--memory-id", "5"]].concat()).out, FOUND);
    let said = folder.run(&[&WORDS[..], &["--memory-id", "0"]].concat());
    assert!(said.code == 2 && said.err.contains("this memory holds"), "{said:?}");
    numbers(manager.get(MemoryId::new(9))).insert(7, 50);
    folder.write("memory", &bytes(&memory));
    let said = folder.run(&WORDS);
    assert!(said.code == 2 && said.err.contains("choose one with --memory-id: 5, 9"), "{said:?}");
    assert_eq!(folder.run(&[&WORDS[..], &["--memory-id", "9"]].concat()).out, "{\"key\":7,\"value\":50}\n");
    let mut damaged = bytes(&memory);
    damaged[6] = 0;
    damaged[7] = 0;
    folder.write("memory", &damaged);
    let said = folder.run(&WORDS);
    assert!(said.code == 2 && said.err.contains("MemoryManager is damaged"), "{said:?}");
}

#[test]
fn a_folder_of_chunks() {
    let folder = Folder::new();
    let memory = FileDirectory::open(folder.path("memory"), 1 << 17).unwrap();
    let mut map = numbers(memory);
    (0..20_000).for_each(|number| _ = map.insert(number, number * 7));
    drop(map);
    assert!(folder.path("memory/chunk-2").exists());
    assert_eq!(folder.run(&WORDS).out, FOUND);
    assert!(folder.run(&["verify", "memory"]).out.starts_with("whole: 1 root, 20,000 entries"));
    std::fs::remove_file(folder.path("memory/chunk-1")).unwrap();
    let said = folder.run(&WORDS);
    assert_eq!((said.code, said.err.lines().count()), (2, 1), "{said:?}");
}

#[test]
fn other_files_are_one_clear_line() {
    let folder = Folder::new();
    let intact = town::memory();
    let truncated = &intact[..intact.len() - 65_536];
    let newer = [&intact[..8], &[9, 0, 0, 0], &intact[12..]].concat();
    std::fs::create_dir(folder.path("empty")).unwrap();
    folder.write("truncated", truncated);
    folder.write("short", &intact[..100]);
    folder.write("newer", &newer);
    folder.write("zeros", &[0; 65_536]);
    folder.write("text", "no image ".repeat(10_000).as_bytes());
    folder.write("manager", &[&b"MGR\x02"[..], &[0xff; 70_000]].concat());
    for (file, why) in [
        ("empty", "neither `stable_memory.bin` nor `chunk-0`"),
        ("truncated", "it was cut off"),
        ("short", "it was cut off"),
        ("newer", "format 9"),
        ("zeros", "holds"),
        ("text", "holds"),
        ("manager", "of version 2"),
        ("missing", "cannot read missing"),
    ] {
        for command in [&["inspect"][..], &["verify"], &["dump", "x"], &["get", "x", "1"]] {
            let (first, rest) = command.split_first().unwrap();
            let said = folder.run(&[&[*first, file], rest].concat());
            assert_eq!(said.code, 2, "{command:?} {file}: {said:?}");
            assert!(said.err.contains(why), "{file}: {}", said.err);
            assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        }
    }
    // An empty memory is one without roots.
    folder.write("none", b"");
    assert!(folder.run(&["inspect", "none"]).out.starts_with("no roots\n"));
    assert!(folder.run(&["verify", "none"]).out.starts_with("whole: 0 roots"));
}

/// A sparse file of 100 GiB is read in place.
#[test]
fn a_large_memory_is_not_read_whole() {
    let folder = Folder::new();
    folder.write("memory", &town::memory());
    File::options().write(true).open(folder.path("memory")).unwrap().set_len(100 << 30).unwrap();
    assert!(folder.run(&["inspect", "memory"]).out.contains("100.0 GiB"));
    assert!(folder.run(&["verify", "memory"]).out.starts_with("whole: "));
    assert_eq!(folder.run(&["dump", "memory", "users", "--limit", "1"]).code, 0);
    let before = std::fs::metadata(folder.path("memory")).unwrap().modified().unwrap();
    assert_eq!(folder.run(&["salvage", "memory", "-o", "out"]).code, 0);
    assert_eq!(std::fs::metadata(folder.path("memory")).unwrap().modified().unwrap(), before);
}
