//! Files that are not what they should be: exit code 2 and a sentence, never a panic.

use graven::Schema;
use graven_core::store::section;

use crate::schemas::{first, second};
use crate::support::{Folder, module};

#[track_caller]
fn fails(folder: &Folder, words: &[&str], sentence: &str) {
    let said = folder.run(words);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.starts_with("error: ") && said.err.contains(sentence), "{said:?}");
    // The usage of the command has several lines.
    assert!(sentence.is_empty() || said.err.lines().count() == 1, "one line is enough: {said:?}");
}

#[test]
fn modules() {
    let folder = Folder::new();
    folder.wasm("good.wasm", first::Forum::ROOTS);
    fails(&folder, &["check", "none.wasm", "good.wasm"], "cannot read none.wasm: ");
    folder.write("text.wasm", b"hello");
    fails(&folder, &["check", "good.wasm", "text.wasm"], "text.wasm is not a wasm module");
    folder.write("pixels.wasm", &[0xff; 4096]);
    fails(
        &folder,
        &["check", "good.wasm", "pixels.wasm"],
        "pixels.wasm is not a wasm module: it does not begin with",
    );
    folder.write("broken.wasm", &[b"\0asm\x01\0\0\0".to_vec(), vec![0xff; 4096]].concat());
    fails(&folder, &["check", "good.wasm", "broken.wasm"], "broken.wasm is not a wasm module");
    folder.write("packed.wasm", b"\x1f\x8b\x08");
    fails(&folder, &["check", "good.wasm", "packed.wasm"], "gunzip");
    folder.write("bare.wasm", &module("name", b""));
    fails(&folder, &["check", "good.wasm", "bare.wasm"], "has no section");
    let cut =
        [module(section::NAME, &section::to_vec(first::Forum::ROOTS, &[])), vec![10, 200, 1, 1]].concat();
    folder.write("cut.wasm", &cut);
    fails(&folder, &["check", "good.wasm", "cut.wasm"], "cut.wasm is not a wasm module");
    let mut newer = section::to_vec(first::Forum::ROOTS, &[]);
    newer[4] = 77;
    folder.write("newer.wasm", &module(section::NAME, &newer));
    fails(&folder, &["check", "good.wasm", "newer.wasm"], "its format is 77");
    fails(&folder, &["check", "good.wasm", "good.wasm", "good.wasm"], "");
    fails(&folder, &["check", "--image", "good.wasm", "good.wasm", "good.wasm"], "--image takes the place");
}

#[test]
fn memories() {
    let folder = Folder::new();
    folder.wasm("new.wasm", second::Forum::ROOTS);
    let check = &["check", "--image", "memory.bin", "new.wasm"];
    fails(&folder, check, "cannot read memory.bin");
    folder.write("memory.bin", &[b"MGR".to_vec(), vec![1; 70_000]].concat());
    fails(&folder, check, "MemoryManager");
    let memory = graven::DefaultMemoryImpl::default();
    first::Forum::open(memory.clone()).unwrap();
    folder.write("memory.bin", &memory.borrow()[..0x4000]);
    fails(&folder, check, "it is shorter than a page of stable memory, so it was cut off");
    folder.write("memory.bin", b"");
    assert_eq!(folder.run(check).code, 0);
    let mut longer = memory.borrow().clone();
    longer[0x20..0x24].copy_from_slice(&1000u32.to_le_bytes());
    folder.write("memory.bin", &longer);
    fails(&folder, check, "it was cut off");
    fails(&folder, &["check", "--image", ".", "new.wasm"], "neither `stable_memory.bin` nor `chunk-0`");
}

/// The command answers whichever byte is wrong.
#[test]
fn flipped_bytes() {
    let folder = Folder::new();
    folder.wasm("old.wasm", first::Forum::ROOTS);
    let wasm = module(section::NAME, &section::to_vec(second::Forum::ROOTS, &[]));
    let memory = graven::DefaultMemoryImpl::default();
    let mut forum = first::Forum::open(memory.clone()).unwrap();
    forum.users.insert(1, first::User { name: "Eva".into(), age: 40 });
    drop(forum);
    let memory = memory.borrow().clone();
    let interesting: Vec<usize> = (0..memory.len()).filter(|at| memory[*at] != 0).collect();
    folder.wasm("new.wasm", second::Forum::ROOTS);
    for at in (0..wasm.len()).step_by(7) {
        let mut wasm = wasm.clone();
        wasm[at] ^= 0xff;
        folder.write("flipped.wasm", &wasm);
        let said = folder.run(&["check", "old.wasm", "flipped.wasm"]);
        assert!((0..=2).contains(&said.code), "{said:?}");
    }
    for at in interesting.into_iter().step_by(5) {
        let mut memory = memory.clone();
        memory[at] ^= 0x81;
        folder.write("memory.bin", &memory);
        let said = folder.run(&["check", "--image", "memory.bin", "new.wasm"]);
        assert!((0..=2).contains(&said.code), "{said:?}");
    }
}
