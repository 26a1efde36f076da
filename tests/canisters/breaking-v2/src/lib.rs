//! The upgrade of `breaking-v1`. Its conversions panic for broken records.

include!("../../breaking.rs");

#[derive(StableLayout)]
#[layout(version = 1, name = "Text")]
struct OldText {
    text: String,
    is_broken: bool,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = OldText)]
struct Text {
    text: String,
    len: u32,
}

impl From<OldText> for Text {
    fn from(old: OldText) -> Self {
        assert!(!old.is_broken, "this text cannot be converted");
        Text { len: old.text.len() as u32, text: old.text }
    }
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Point")]
struct OldPoint {
    x: u32,
    is_broken: bool,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = OldPoint)]
struct Point {
    x: u64,
}

impl From<OldPoint> for Point {
    fn from(old: OldPoint) -> Self {
        assert!(!old.is_broken, "this point cannot be converted");
        Point { x: old.x.into() }
    }
}

#[derive(StableLayout, Table)]
#[layout(version = 2)]
struct Row {
    #[table(key)]
    id: u64,
    note: Text,
    #[layout(since = 2, default = 7)]
    #[table(index)]
    rank: u64,
}

graven::canister!(Breaking, sweep = 20_000_000);

ic_cdk::export_candid!();
