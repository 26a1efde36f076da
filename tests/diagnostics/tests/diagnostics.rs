//! What the derives say about types that they refuse: the words and the places are in `ui/*.stderr`.
//!
//! After a deliberate change run this with `TRYBUILD=overwrite` and read the difference.

#[test]
fn diagnostics() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
    cases.pass("ui/pass/*.rs");
}
