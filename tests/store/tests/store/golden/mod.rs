//! Golden images: memories that this code must write byte for byte as it once did, with what is in
//! them. How they are written down is in `tests/golden/README.md`.

mod dump;
mod everything;
mod plain;
mod versions;

use graven::DefaultMemoryImpl;
use graven_tests::golden::{golden, listing, version_1};

use dump::json;

#[test]
fn everything_is_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    everything::write(&memory);
    golden("everything.image", &listing(&memory));
    golden("everything.json", &json(&everything::read(&memory)));
}

#[test]
fn everything_of_version_1_is_readable() {
    let memory = version_1("everything.image");
    golden("version-1/everything.json", &json(&everything::read(&memory)));
}

#[test]
fn versions_side_by_side_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = versions::write(&memory);
    golden("versions.image", &listing(&memory));
    golden("versions.json", &json(&stored));
    golden("versions.newest.json", &json(&versions::read(&memory)));
}

#[test]
fn versions_side_by_side_of_version_1_are_readable_and_swept() {
    let memory = version_1("versions.image");
    let newest = json(&versions::read(&memory));
    golden("version-1/versions.newest.json", &newest);
    versions::sweep(&memory);
    assert_eq!(json(&versions::read(&memory)), newest);
}
