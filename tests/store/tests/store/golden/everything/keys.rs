//! The types of keys that are derived.

use graven::{Reverse, StableKey};

use crate::golden::plain::{Plain, object, record};

record! {
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
    struct FixedKey {
        number: i16,
        bytes: [u8; 2],
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
    struct DynamicKey {
        country: String,
        city: Option<String>,
        newest_first: Reverse<u32>,
        name: String,
    }
}

/// Keys of one size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
pub(super) enum Even {
    Number(u16),
    Bytes([u8; 2]),
}

impl Plain for Even {
    fn plain(&self) -> String {
        match self {
            Even::Number(number) => object(&[("Number", object(&[("0", number.plain())]))]),
            Even::Bytes(bytes) => object(&[("Bytes", object(&[("0", bytes.plain())]))]),
        }
    }
}

/// Keys of many sizes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
pub(super) enum Odd {
    None,
    #[layout(tag = 9)]
    Name(String),
    Both {
        name: String,
        number: u8,
    },
}

impl Plain for Odd {
    fn plain(&self) -> String {
        match self {
            Odd::None => object(&[("None", object(&[]))]),
            Odd::Name(name) => object(&[("Name", object(&[("0", name.plain())]))]),
            Odd::Both { name, number } => {
                object(&[("Both", object(&[("name", name.plain()), ("number", number.plain())]))])
            }
        }
    }
}
