//! What the derives say about types that they refuse: the words and the places are in `ui/*.stderr`.
//!
//! After a deliberate change run this with `TRYBUILD=overwrite` and read the difference.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn diagnostics() {
    let cases = trybuild::TestCases::new();
    // Messages that point into std quote it where it is installed, and then are other ones.
    let quotes_std = has_std_source();
    for case in refused() {
        let expected = read_to_string(case.with_extension("stderr")).unwrap_or_default();
        if quotes_std && expected.contains("$RUST/") {
            println!("{}: not compared, since std's source is installed", case.display());
        } else {
            cases.compile_fail(case);
        }
    }
    cases.pass("ui/pass/*.rs");
}

fn refused() -> Vec<PathBuf> {
    let entries = read_dir("ui").unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "rs")).collect();
    assert!(cases.len() > 60, "{} cases", cases.len());
    cases.sort();
    cases
}

fn has_std_source() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().unwrap().stdout;
    let sysroot = String::from_utf8(sysroot).unwrap();
    Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/core").exists()
}
