//! Helpers that the tests of histories share. A package of its own, so that types and their
//! histories are tested without compiling what runs canisters.

use graven::StableLayout;
use graven::schema::encode;
use graven::schema::{Plan, Problem};
use graven_core::evolution::Check;
use graven_core::layout::stored::OwnedLayout;

/// Returns the plan and the problems of `New` where values of `Old` are stored.
pub fn check<Old: StableLayout, New: StableLayout>() -> (Plan, Vec<Problem>) {
    let mut check = Check::default();
    check.root("root", "root: BTreeMap<u64, Root>".into());
    let plan = check.plan(&OwnedLayout::from(Old::LAYOUT), New::HISTORY);
    (plan, check.problems)
}

/// The fixes that are proposed where values of `Old` are stored and the code has `New`.
pub fn fixes<Old: StableLayout, New: StableLayout>() -> Vec<String> {
    check::<Old, New>().1.into_iter().map(|problem| problem.fix).collect()
}

/// Returns the value that `New` reads where `old` was written.
///
/// # Panics
/// If there is any problem.
#[track_caller]
pub fn read<Old: StableLayout, New: StableLayout>(old: &Old) -> New {
    let (plan, problems) = check::<Old, New>();
    assert_eq!(problems, [], "{} → {}", Old::LAYOUT.name(), New::LAYOUT.name());
    let bytes = encode(old);
    assert_eq!(plan.size, Old::SIZE);
    for cut in 0..bytes.len() {
        // Damage is an error or another value; it is no panic.
        let _ = New::decode_old(&plan, &bytes[..cut]);
    }
    New::decode_old(&plan, &bytes).unwrap_or_else(|why| panic!("{why}"))
}
