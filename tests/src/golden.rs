//! Golden files, and images of memories as rows of hex: `tests/golden/README.md`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use graven::{DefaultMemoryImpl, Memory};

use crate::memory::memory_of;

const PAGE: usize = 4096;

/// Returns all rows of 16 bytes that are not zero, up to the last page that was given out.
///
/// # Panics
/// If something was written after that page.
#[must_use]
pub fn listing(memory: &DefaultMemoryImpl) -> String {
    let mut heads = [0; 4];
    memory.read(32, &mut heads);
    let pages = u32::from_le_bytes(heads) as usize;
    let mut image = vec![0; pages * PAGE];
    memory.read(0, &mut image);
    let mut behind = vec![0; memory.size() as usize * 65_536 - image.len()];
    memory.read(image.len() as u64, &mut behind);
    assert!(behind.iter().all(|byte| *byte == 0), "something was written behind the last page");
    let mut out = format!("pages {pages}\n");
    for (index, row) in image.chunks_exact(16).enumerate().filter(|(_, row)| row.iter().any(|b| *b != 0)) {
        let (page, offset) = (index * 16 / PAGE, index * 16 % PAGE);
        let bytes: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{page}:{offset:03x} {}", bytes.join(" ")).unwrap();
    }
    out
}

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file)
}

/// Returns the memory of an image that version 1 of the format wrote.
///
/// # Panics
/// If there is no such image.
#[must_use]
pub fn version_1(file: &str) -> DefaultMemoryImpl {
    let rows = std::fs::read_to_string(path(&format!("version-1/{file}"))).unwrap();
    let (first, rows) = rows.split_once('\n').unwrap();
    let pages: usize = first.strip_prefix("pages ").unwrap().parse().unwrap();
    let mut bytes = vec![0; (pages * PAGE).next_multiple_of(65_536)];
    for row in rows.lines() {
        let (address, row) = row.split_once(' ').unwrap();
        let (page, offset) = address.split_once(':').unwrap();
        let at = page.parse::<usize>().unwrap() * PAGE + usize::from_str_radix(offset, 16).unwrap();
        let row = row.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap());
        bytes[at..at + 16].iter_mut().zip(row).for_each(|(to, byte)| *to = byte);
    }
    memory_of(&bytes)
}

/// Compares with a golden file, or writes it where `GRAVEN_BLESS` is set. Those of version 1 are
/// never written.
///
/// # Panics
/// If they differ, with the first difference.
#[track_caller]
pub fn golden(file: &str, found: &str) {
    if std::env::var_os("GRAVEN_BLESS").is_some() && !file.starts_with("version-1/") {
        return std::fs::write(path(file), found).unwrap();
    }
    let expected = std::fs::read_to_string(path(file))
        .unwrap_or_else(|error| panic!("tests/golden/{file}: {error}; GRAVEN_BLESS=1 writes it"));
    if expected == found {
        return;
    }
    let (line, expected, found) = first_difference(&expected, found);
    panic!(
        "tests/golden/{file} differs in line {line} (images: `page:offset bytes`)\n\
         expected {expected}\n\
         found    {found}\n\
         This code writes other bytes than it did. If that was not meant, memories of canisters would become \
         unreadable. If it was, change docs/format.md in the same commit, and run this test with GRAVEN_BLESS=1."
    );
}

fn first_difference(expected: &str, found: &str) -> (usize, String, String) {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for line in 1.. {
        let (a, b) = (expected.next(), found.next());
        if a != b || a.is_none() {
            let shown = |line: Option<&str>| line.unwrap_or("nothing more").chars().take(200).collect();
            return (line, shown(a), shown(b));
        }
    }
    unreachable!("texts end")
}
