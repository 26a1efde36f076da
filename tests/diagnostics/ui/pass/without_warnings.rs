//! Nothing that is generated draws a lint.
#![deny(warnings, missing_docs, unused_qualifications)]

use graven::{StableKey, StableLayout};

/// Of the first version.
#[derive(StableLayout)]
#[layout(version = 1)]
pub struct First;

/// Has one field that nobody should use.
#[derive(StableLayout)]
#[layout(version = 3, previous = First)]
pub struct User<T, const N: usize> {
    /// Its number.
    pub id: u64,
    /// What was once its name.
    #[deprecated]
    #[layout(since = 3, default = String::new())]
    pub name: String,
    /// Others.
    #[layout(since = 3, default = [0; N])]
    pub other: [u8; N],
    /// Any.
    pub any: Option<T>,
}

impl<T, const N: usize> From<First> for User<T, N> {
    #[allow(deprecated)]
    fn from(_: First) -> Self {
        User { id: 0, name: String::new(), other: [0; N], any: None }
    }
}

/// Of all kinds.
#[derive(StableKey, StableLayout)]
#[layout(version = 1)]
pub enum Kind {
    /// Nothing.
    Unit,
    /// A number.
    Tuple(u64),
    /// A name.
    Named {
        /// The name.
        name: String,
    },
}

/// Nothing at all.
#[derive(StableKey)]
pub struct Nothing;

fn main() {}
