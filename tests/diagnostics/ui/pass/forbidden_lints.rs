//! Generated code allows nothing that a crate may forbid.
#![forbid(
    dead_code,
    deprecated,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    private_bounds,
    private_interfaces,
    unreachable_pub,
    unsafe_code,
    unused_imports,
    unused_mut,
    unused_parens,
    unused_braces,
    unused_qualifications,
    unused_variables,
    trivial_casts,
    clippy::all,
    clippy::pedantic
)]
#![deny(warnings)]

use graven::{BTreeMap, StableKey, StableLayout};

mod inner {
    use graven::StableLayout;

    /// A type that only this module sees.
    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub(crate) struct Hidden<T> {
        pub(crate) value: Option<T>,
        pub(super) straße: u8,
    }

    impl<T> Hidden<T> {
        pub(crate) fn new(value: T) -> Self {
            Hidden { value: Some(value), straße: 1 }
        }
    }
}

/// A user.
#[derive(StableLayout)]
#[layout(version = 2)]
pub struct User {
    /// The name.
    pub name: String,
    /// What nobody should use.
    #[deprecated]
    #[layout(since = 2, default = 1)]
    pub old: u64,
}

/// A number.
#[derive(Clone, Copy, StableKey, StableLayout, PartialEq, Eq, PartialOrd, Ord)]
#[layout(version = 1)]
pub struct Id {
    /// The upper half.
    pub high: u64,
    /// The lower half.
    pub low: u64,
}

/// Of any kind.
#[derive(StableKey, StableLayout)]
#[layout(version = 1)]
pub enum Kind {
    /// Nothing.
    Unit,
    /// A number.
    Tuple(u64),
}

/// All users.
#[graven::store]
pub struct Users {
    /// The users.
    pub users: BTreeMap<Id, User>,
}

macro_rules! made {
    ($name:ident, $ty:ty, $number:expr) => {
        /// Made by a macro.
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct $name {
            /// The first.
            pub first: $ty,
            /// The second.
            #[layout(since = 2, default = $number * 2)]
            pub second: u32,
            /// Was of another type.
            #[layout(was($ty, until = 2, with = |_| $number))]
            pub other: u32,
            /// The third.
            pub third: [$ty; $number],
        }
    };
}

made!(Made, u8, 1 + 2);

fn main() {
    let hidden = inner::Hidden::new(1u8);
    assert_eq!((hidden.value, hidden.straße), (Some(1), 1));
    assert!(Users::open(graven::DefaultMemoryImpl::default()).is_ok());
}
