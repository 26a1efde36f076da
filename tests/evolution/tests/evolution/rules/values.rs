//! Rules about values: what is stored, what the code has, and the code that was fixed.

use graven::StableLayout;
use graven::schema::Layout;
use graven::schema::{History, Problem, Rule};
use graven_core::evolution::Check;
use graven_core::layout::stored::OwnedLayout;

use super::Case;

/// A type that was stored, the changed one, and the fixed one, which reads what was stored.
macro_rules! cases {
    ($($rule:ident $module:ident $root:literal { $($was:item)* } { $($is:item)* } { $($fixed:item)* })*) => {
        $(
            #[allow(dead_code, unused_imports)]
            mod $module {
                pub mod was {
                    use core::num::NonZeroU8;
                    use graven::{Blob, StableLayout, Text};
                    $($was)*
                }
                pub mod is {
                    use core::num::NonZeroU8;
                    use graven::{Blob, StableLayout, Text};
                    $($is)*
                }
                pub mod fixed {
                    use core::num::NonZeroU8;
                    use graven::{Blob, StableLayout, Text};
                    $($fixed)*
                }
            }
        )*

        pub(crate) fn cases() -> Vec<$crate::rules::Case> {
            vec![$(
                $crate::rules::values::case::<$module::was::Was, $module::is::Is, $module::fixed::Is>(
                    graven::schema::Rule::$rule,
                    $root,
                )
            ),*]
        }
    };
}

#[path = "bounds.rs"]
mod bounds;
#[path = "containers.rs"]
mod containers;
#[path = "numbers.rs"]
mod numbers;
#[path = "records.rs"]
mod records;
#[path = "types.rs"]
mod types;

pub(crate) fn cases() -> Vec<Case> {
    let parts = [records::cases(), numbers::cases(), bounds::cases(), containers::cases(), types::cases()];
    parts.into_iter().flatten().chain([codec()]).collect()
}

fn problems(stored: &OwnedLayout, history: &'static History, root: &str) -> Vec<Problem> {
    let mut check = Check::default();
    check.root("users", format!("users: BTreeMap<u64, {root}>"));
    check.plan(stored, history);
    check.problems
}

/// Returns the case in which `Is` refuses a stored `Was`; `Fixed` has no problem with it.
fn case<Was: StableLayout, Is: StableLayout, Fixed: StableLayout>(rule: Rule, root: &str) -> Case {
    let stored = OwnedLayout::from(Was::LAYOUT);
    assert_eq!(problems(&stored, Fixed::HISTORY, root), [], "{}", rule.name());
    Case::new(rule, problems(&stored, Is::HISTORY, root))
}

/// Codecs are for other crates to add; here is what they make.
fn codec() -> Case {
    static CANDID: History = History::Plain(&Layout::Opaque { codec: "candid" });
    let stored = OwnedLayout::Opaque { codec: "bincode".to_owned() };
    Case::new(Rule::CodecChanged, problems(&stored, &CANDID, "Opaque"))
}
