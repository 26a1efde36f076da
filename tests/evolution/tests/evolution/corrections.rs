//! Attributes that say of a version what it was not: the fix corrects them, as another one beside
//! them would not compile.

use graven_evolution_tests::fixes;

/// The stored type, the code that contradicts it, that code with the attribute corrected, and the
/// fix.
macro_rules! correction {
    ($module:ident was $was:item says $says:item corrected $corrected:item $fix:expr) => {
        #[allow(dead_code)]
        mod $module {
            pub mod was {
                #[derive(graven::StableLayout)]
                $was
            }
            pub mod says {
                #[derive(graven::StableLayout)]
                $says
            }
            pub mod corrected {
                #[derive(graven::StableLayout)]
                $corrected
            }
        }

        #[test]
        fn $module() {
            assert_eq!(fixes::<$module::was::User, $module::says::User>(), [$fix]);
            let none: [String; 0] = [];
            assert_eq!(fixes::<$module::was::User, $module::corrected::User>(), none);
        }
    };
}

correction! { the_type_of_a_removed_field
    was #[layout(version = 1)] pub struct User { id: u64, age: u8 }
    says #[layout(version = 2, removed(age: u16, until = 2))] pub struct User { id: u64 }
    corrected #[layout(version = 2, removed(age: u8, until = 2))] pub struct User { id: u64 }
    "let `removed(…)` say that `age` was `u8`"
}

correction! { the_name_of_a_removed_field
    was #[layout(version = 1)] pub struct User { id: u64, age: u8 }
    says #[layout(version = 2, removed(aeg: u8, until = 2))] pub struct User { id: u64 }
    corrected #[layout(version = 2, removed(age: u8, until = 2))] pub struct User { id: u64 }
    "let `removed(…)` call it `age`"
}

correction! { a_removed_field_that_came_later
    was #[layout(version = 1)] pub struct User { id: u64 }
    says #[layout(version = 3, removed(age: u8, until = 3))]
    pub struct User { id: u64, #[layout(since = 2)] karma: u8 }
    corrected #[layout(version = 3, removed(age: u8, since = 2, until = 3))]
    pub struct User { id: u64, #[layout(since = 2)] karma: u8 }
    "say `removed(age: u8, since = 2, …)`"
}

correction! { a_removed_field_that_never_was
    was #[layout(version = 1)] pub struct User { id: u64 }
    says #[layout(version = 2, removed(age: u8, until = 2))]
    pub struct User { id: u64, #[layout(since = 2)] karma: u8 }
    corrected #[layout(version = 2)] pub struct User { id: u64, #[layout(since = 2)] karma: u8 }
    "take `age` out of `removed(…)`"
}

correction! { another_type
    was #[layout(version = 1)] pub struct User { karma: u8 }
    says #[layout(version = 2)] pub struct User { #[layout(was(u16, until = 2))] karma: u32 }
    corrected #[layout(version = 2)] pub struct User { #[layout(was(u8, until = 2))] karma: u32 }
    "say `was(u8, …)` instead of `was(u16, …)` at `karma`"
}

// Nothing is there to be corrected: the field is called as it is now.
correction! { the_type_of_a_renamed_field
    was #[layout(version = 1)] pub struct User { karma: u8 }
    says #[layout(version = 2)] pub struct User { #[layout(renamed(karma, until = 2))] fame: u32 }
    corrected #[layout(version = 2)]
    pub struct User { #[layout(renamed(karma, until = 2), was(u8, until = 2))] fame: u32 }
    "add `#[layout(was(u8, until = 2))]` to `fame`"
}

correction! { an_earlier_type_besides
    was #[layout(version = 1)] pub struct User { karma: u8 }
    says #[layout(version = 3)]
    pub struct User { #[layout(was(u16, until = 3))] karma: u32, #[layout(since = 2)] id: u8 }
    corrected #[layout(version = 3)]
    pub struct User { #[layout(was(u16, until = 3), was(u8, until = 2))] karma: u32, #[layout(since = 2)] id: u8 }
    "add `#[layout(was(u8, until = 2))]` to `karma` (or a later version up to 3, whichever changed it)"
}

correction! { another_name
    was #[layout(version = 1)] pub struct User { name: u8 }
    says #[layout(version = 2)] pub struct User { #[layout(renamed(nmae, until = 2))] full_name: u8 }
    corrected #[layout(version = 2)] pub struct User { #[layout(renamed(name, until = 2))] full_name: u8 }
    "say `renamed(name, …)` instead of `renamed(nmae, …)` at `full_name`"
}

correction! { another_order
    was #[layout(version = 1)] pub struct User { a: u8, b: u8, c: u8 }
    says #[layout(version = 2, moved(b, a, c, until = 2))] pub struct User { b: u8, c: u8, a: u8 }
    corrected #[layout(version = 2, moved(a, b, c, until = 2))] pub struct User { b: u8, c: u8, a: u8 }
    "let `moved(a, b, c, until = 2)` name them in that order, or take it out if they never moved"
}

correction! { another_name_of_a_variant
    was #[layout(version = 1)] pub enum User { Guest, Member(u8) }
    says #[layout(version = 2)] pub enum User { Guest, #[layout(renamed(Mebmer, until = 2))] Friend(u8) }
    corrected #[layout(version = 2)] pub enum User { Guest, #[layout(renamed(Member, until = 2))] Friend(u8) }
    "say `renamed(Member, …)` instead of `renamed(Mebmer, …)` at `Friend`"
}

correction! { the_name_of_a_removed_variant
    was #[layout(version = 1)] pub enum User { Guest, Member(u8) }
    says #[layout(version = 2, removed(Mebmer(u8), until = 2, with = |_| User::Guest))] pub enum User { Guest }
    corrected #[layout(version = 2, removed(Member(u8), until = 2, with = |_| User::Guest))]
    pub enum User { Guest }
    "let `removed(…)` call it `Member`"
}

correction! { a_removed_variant_that_never_was
    was #[layout(version = 1)] pub enum User { Guest }
    says #[layout(version = 2, removed(Member(u8), until = 2, with = |_| User::Guest))]
    pub enum User { Guest, #[layout(since = 2)] Friend }
    corrected #[layout(version = 2)] pub enum User { Guest, #[layout(since = 2)] Friend }
    "take out the `removed(Member…)`"
}

correction! { a_removed_variant_that_came_later
    was #[layout(version = 1)] pub enum User { Guest }
    says #[layout(version = 3, removed(Member(u8), until = 3, with = |_| User::Guest))]
    pub enum User { Guest, #[layout(since = 2)] Friend }
    corrected #[layout(version = 3, removed(Member(u8), since = 2, until = 3, with = |_| User::Guest))]
    pub enum User { Guest, #[layout(since = 2)] Friend }
    "say `since = 2` in the `removed(Member…)`"
}

correction! { the_tag_of_a_removed_variant
    was #[layout(version = 1)] pub enum User { Guest, Member(u8) }
    says #[layout(version = 2, removed(Member(u8), tag = 5, until = 2, with = |_| User::Guest))]
    pub enum User { Guest }
    corrected #[layout(version = 2, removed(Member(u8), tag = 1, until = 2, with = |_| User::Guest))]
    pub enum User { Guest }
    "let `removed(Member…)` say `tag = 1`"
}

correction! { the_type_of_a_removed_variants_field
    was #[layout(version = 1)] pub enum User { Guest, Member(u8) }
    says #[layout(version = 2, removed(Member(u16), until = 2, with = |_| User::Guest))] pub enum User { Guest }
    corrected #[layout(version = 2, removed(Member(u8), until = 2, with = |_| User::Guest))]
    pub enum User { Guest }
    "let `removed(…)` say that `0` was `u8`"
}

correction! { a_removed_variant_with_too_few_fields
    was #[layout(version = 1)] pub enum User { Guest, Member(u8, u8) }
    says #[layout(version = 2, removed(Member(u8), until = 2, with = |_| User::Guest))] pub enum User { Guest }
    corrected #[layout(version = 2, removed(Member(u8, u8), until = 2, with = |_, _| User::Guest))]
    pub enum User { Guest }
    "let `removed(Member…)` have `1: u8`"
}

correction! { a_removed_variant_with_too_many_fields
    was #[layout(version = 1)] pub enum User { Guest, Member(u8) }
    says #[layout(version = 2, removed(Member(u8, u8), until = 2, with = |_, _| User::Guest))]
    pub enum User { Guest }
    corrected #[layout(version = 2, removed(Member(u8), until = 2, with = |_| User::Guest))]
    pub enum User { Guest }
    "take `1` out of `removed(…)`"
}

// Where no std conversion does it, the fix says so.
mod without_default {
    pub mod was {
        #[derive(graven::StableLayout)]
        #[layout(version = 1)]
        #[allow(dead_code)]
        pub struct User {
            id: Option<core::num::NonZeroU8>,
            parts: [u8; 2],
        }
    }

    #[derive(graven::StableLayout)]
    #[layout(version = 1)]
    #[allow(dead_code)]
    pub struct User {
        id: core::num::NonZeroU8,
        parts: Vec<u16>,
    }
}

#[test]
fn conversions_that_std_does_not_have() {
    assert_eq!(
        fixes::<without_default::was::User, without_default::User>(),
        [
            "make this version 2 and add `#[layout(was(Option<NonZero<u8>>, until = 2, with = |old| \
             old.unwrap_or(…)))]` to `id`",
            "make this version 2 and add `#[layout(was([u8; 2], until = 2, with = |old| …))]` to `parts`",
        ]
    );
}

#[allow(dead_code)]
mod reordered {
    pub mod was {
        #[derive(graven::StableLayout)]
        #[layout(version = 1)]
        pub enum Kind {
            A,
            B,
            C,
        }
    }
    pub mod is {
        #[derive(graven::StableLayout)]
        #[layout(version = 1)]
        pub enum Kind {
            A,
            X,
            B,
            C,
        }
    }
}

#[test]
fn a_variant_put_among_others_is_offered_the_tag_after_those_stored() {
    let offered = "add `#[layout(since = 2, tag = 3)]` to `X`";
    let fixes = fixes::<reordered::was::Kind, reordered::is::Kind>();
    assert!(fixes.iter().any(|fix| fix.contains(offered)), "{fixes:?}");
}
