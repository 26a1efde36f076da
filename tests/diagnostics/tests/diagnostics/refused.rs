//! Types that the derives refuse: the words and their positions are in `ui/*.stderr`.
//!
//! After a deliberate change run this with `TRYBUILD=overwrite` and read the difference.

mod sysroot;

use std::fs::read_dir;
use std::path::PathBuf;

#[test]
fn diagnostics() {
    if sysroot::run_without_std_source("refused::diagnostics") {
        return;
    }
    let cases = trybuild::TestCases::new();
    for case in refused() {
        cases.compile_fail(case);
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
