//! Golden images: memories that this code must write byte for byte as it once did, with what is in
//! them. How they are written down is in `tests/golden/README.md`.

mod dump;
mod everything;
mod plain;
mod versions;

use graven::DefaultMemoryImpl;
use graven_tests::golden::{golden, listing};

use dump::json;

#[test]
fn everything_is_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let roots = everything::build(&memory);
    golden("everything.image", &listing(&memory));
    golden("everything.json", &json(&roots));
}

#[test]
fn versions_side_by_side_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let (stored, newest) = versions::build(&memory);
    golden("versions.image", &listing(&memory));
    golden("versions.json", &json(&stored));
    golden("versions.newest.json", &json(&newest));
}
