//! Problems that a derived type reports about a stored layout that it cannot read.

use graven::StableLayout;
use graven::schema::{Plan, Problem, Rule};
use graven_core::evolution::Check;
use graven_core::layout::stored::OwnedLayout;

fn check<Old: StableLayout, New: StableLayout>() -> (Plan, Vec<Problem>) {
    let mut check = Check::default();
    check.root("users", "users: BTreeMap<u64, User>".into());
    let plan = check.plan(&OwnedLayout::from(Old::LAYOUT), New::HISTORY);
    (plan, check.problems)
}

/// The only problem between two types.
#[track_caller]
fn problem<Old: StableLayout, New: StableLayout>() -> Problem {
    let (_, problems) = check::<Old, New>();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.root, "users: BTreeMap<u64, User>");
    problem.clone()
}

/// Declares versions of types, each in a module of its own.
macro_rules! versions {
    ($($module:ident { $($item:item)* })*) => {$(
        mod $module {
            #[allow(unused_imports)]
            use graven::StableLayout;
            $(#[derive(StableLayout)] #[allow(dead_code)] $item)*
        }
    )*};
}

versions! {
    base {
        #[layout(version = 1)]
        pub struct User { id: u64, name: String, age: u8 }
        #[layout(version = 1)]
        pub enum Color { Red, Green(u8) }
    }
    retyped {
        #[layout(version = 1)]
        pub struct User { id: u64, name: Vec<u8>, age: u8 }
        #[layout(version = 1)]
        pub enum Color { Red, Green(u16) }
    }
    longer {
        #[layout(version = 1)]
        pub struct User { id: u64, name: String, age: u8, email: Option<String> }
        #[layout(version = 1)]
        pub enum Color { Red, Green(u8), Blue }
    }
    shorter {
        #[layout(version = 1)]
        pub struct User { id: u64, age: u8 }
        #[layout(version = 1)]
        pub enum Color { Green(u8) }
    }
    renamed {
        #[layout(version = 1)]
        pub struct User { id: u64, full_name: String, age: u8 }
        #[layout(version = 1)]
        pub enum Color { Red, Lime(u8) }
    }
    moved {
        #[layout(version = 1)]
        pub struct User { name: String, id: u64, age: u8 }
    }
    later {
        #[layout(version = 3)]
        pub struct User { id: u64, name: String, age: u8, email: Option<String> }
        #[layout(version = 2)]
        pub struct Second { id: u64, name: String }
    }
    forgetful {
        #[layout(version = 3, previous = super::later::Second)]
        pub struct User { id: u64 }
    }
}

impl From<later::Second> for forgetful::User {
    fn from(_: later::Second) -> Self {
        unreachable!("nothing is read here")
    }
}

#[test]
fn a_changed_type_in_the_same_version() {
    let problem = problem::<base::User, retyped::User>();
    assert_eq!(problem.rule, Rule::TextOrBytes);
    assert_eq!(problem.path, ["users", "User v1", "name"]);
    assert_eq!(problem.what, "field `name` of `User` version 1 was `String` and is `Vec<u8>`");
    assert_eq!(
        problem.because,
        format!("a layout that was stored (version 1, {}) may not change", base::User::LAYOUT.fingerprint())
    );
    assert_eq!(
        problem.fix,
        "make this version 2 and add `#[layout(was(String, until = 2, with = String::into_bytes))]` to `name`"
    );
}

#[test]
fn a_changed_type_in_a_variant() {
    let problem = problem::<base::Color, retyped::Color>();
    assert_eq!(problem.rule, Rule::NumberWidened);
    assert_eq!(problem.path, ["users", "Color v1", "Green", "0"]);
    assert_eq!(problem.what, "field `0` of `Color` version 1 was `u8` and is `u16`");
    assert_eq!(problem.fix, "make this version 2 and add `#[layout(was(u8, until = 2))]` to `0`");
}

#[test]
fn a_field_without_since() {
    let problem = problem::<base::User, longer::User>();
    assert_eq!(problem.rule, Rule::FieldAdded);
    assert_eq!(problem.path, ["users", "User v1"]);
    assert_eq!(
        problem.what,
        "field `email: Option<String>` of `User` version 1 was not there when it was stored"
    );
    assert_eq!(problem.fix, "make this version 2 and add `#[layout(since = 2, default = …)]` to `email`");
}

#[test]
fn a_field_without_since_in_a_later_version() {
    let problem = problem::<base::User, later::User>();
    assert_eq!(problem.rule, Rule::FieldAdded);
    assert_eq!(problem.path, ["users", "User v1"]);
    // Where nothing is said of a version, it has to go: a history has no gaps.
    assert_eq!(problem.fix, "make this version 2 and add `#[layout(since = 2, default = …)]` to `email`");
}

#[test]
fn a_field_removed() {
    let problem = problem::<base::User, shorter::User>();
    assert_eq!(problem.rule, Rule::FieldRemoved);
    assert_eq!(problem.path, ["users", "User v1"]);
    assert_eq!(problem.what, "field `name: String` of `User` version 1 is gone");
    assert_eq!(
        problem.fix,
        "put it back, or make this version 2 and add `#[layout(removed(name: String, until = 2))]` before \
         field `age`"
    );
}

#[test]
fn a_field_renamed() {
    let problem = problem::<base::User, renamed::User>();
    assert_eq!(problem.rule, Rule::FieldRenamed);
    assert_eq!(problem.what, "field `name` of `User` version 1 is now called `full_name`");
    assert_eq!(
        problem.fix,
        "make this version 2 and add `#[layout(renamed(name, until = 2))]` to `full_name`; if that is another field, \
         say `removed(name: String, until = 2)` and `since = 2`"
    );
}

#[test]
fn fields_in_another_order() {
    let problem = problem::<base::User, moved::User>();
    assert_eq!(problem.rule, Rule::FieldMoved);
    assert_eq!(problem.what, "the fields of `User` version 1 were stored in the order `id`, `name`, `age`");
    assert_eq!(
        problem.fix,
        "put the fields back in that order, or make this version 2 and add `#[layout(moved(id, name, age, \
         until = 2))]` to the type"
    );
}

#[test]
fn a_version_of_the_future() {
    let problem = problem::<later::User, base::User>();
    assert_eq!(problem.rule, Rule::VersionNewer);
    assert_eq!(problem.path, ["users"]);
    assert_eq!(problem.what, "`User` was stored in version 3; the code has version 1");
    assert!(problem.fix.contains("release the older behavior with version 3 of `User`"), "{}", problem.fix);
}

/// `previous` reads versions from its own first one on, and no more than its own history has.
#[test]
fn a_version_that_the_previous_type_has_no_history_of() {
    let problem = problem::<base::User, forgetful::User>();
    assert_eq!(problem.rule, Rule::FieldRemoved);
    assert_eq!(problem.path, ["users", "Second v1"]);
    assert_eq!(problem.what, "field `age: u8` of `Second` version 1 is gone");
}

#[test]
fn a_variant_added() {
    let problem = problem::<base::Color, longer::Color>();
    assert_eq!(problem.rule, Rule::VariantAdded);
    assert_eq!(problem.path, ["users", "Color v1"]);
    assert_eq!(problem.what, "variant `Blue` of `Color` version 1 was not there when it was stored");
    assert_eq!(problem.fix, "make this version 2 and add `#[layout(since = 2)]` to `Blue`");
}

#[test]
fn a_variant_removed() {
    let problem = problem::<longer::Color, base::Color>();
    assert_eq!(problem.rule, Rule::VariantRemoved);
    assert_eq!(problem.path, ["users", "Color v1"]);
    assert_eq!(problem.what, "variant `Blue` of `Color` version 1 is gone");
}

#[test]
fn a_variant_renamed() {
    let problem = problem::<base::Color, renamed::Color>();
    assert_eq!(problem.rule, Rule::VariantRenamed);
    assert_eq!(problem.what, "tag 1 of `Color` version 1 was variant `Green` and is `Lime`");
}

#[test]
fn removing_the_first_variant_moves_the_others() {
    let (_, problems) = check::<base::Color, shorter::Color>();
    let rules: Vec<Rule> = problems.iter().map(|problem| problem.rule).collect();
    assert_eq!(rules, [Rule::VariantRemoved, Rule::VariantRetagged], "{problems:?}");
}

#[test]
fn a_struct_where_an_enum_was() {
    let problem = problem::<base::Color, base::User>();
    assert_eq!(problem.rule, Rule::EnumToStruct);
    assert_eq!(problem.what, "`Color` version 1 was an enum, and `User` is a struct");
}

#[derive(StableLayout)]
#[layout(version = 1)]
#[allow(dead_code)]
struct Holder<T> {
    first: T,
    rest: Vec<(Option<T>, u8)>,
}

#[test]
fn problems_say_where_they_are_and_all_are_reported() {
    let (_, problems) = check::<Holder<base::User>, Holder<retyped::User>>();
    let paths: Vec<&[String]> = problems.iter().map(|problem| problem.path.as_slice()).collect();
    assert_eq!(
        paths,
        [
            ["users", "Holder v1", "first", "User v1", "name"],
            ["users", "Holder v1", "rest", "User v1", "name"]
        ]
    );
    let text = problems[0].to_string();
    assert!(text.contains("at users → Holder v1 → first → User v1 → name"), "{text}");
    assert!(text.ends_with("[text-or-bytes]"), "{text}");
}
