//! Values in the canonical JSON of `tests/golden/README.md`.

use std::fmt::Write;
use std::num::{NonZeroI128, NonZeroU8, NonZeroU64};
use std::time::Duration;

use candid::Principal;
use graven::{Blob, Reverse, Text};

/// A value in the canonical JSON of `tests/golden/README.md`.
pub(super) trait Plain {
    fn plain(&self) -> String;

    /// Returns a sequence of such values: an array, or a string of hex digits for bytes.
    fn plain_all(all: &[Self]) -> String
    where
        Self: Sized,
    {
        list(all.iter().map(Plain::plain))
    }
}

pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

pub(super) fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}: {value}", name.to_string().plain())).collect();
    format!("{{{}}}", fields.join(", "))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

macro_rules! plain {
    ($($($ty:ty),+ => |$value:ident| $make:expr;)+) => {$($(
        impl Plain for $ty {
            fn plain(&self) -> String {
                let $value = self;
                $make
            }
        }
    )+)+};
}

plain! {
    bool, u16, u32, i8, i16, i32, NonZeroU8 => |number| number.to_string();
    u64, u128, i64, i128, NonZeroU64, NonZeroI128 => |number| format!("\"{number}\"");
    f32 => |number| format!("\"{:08x}\"", number.to_bits());
    f64 => |number| format!("\"{:016x}\"", number.to_bits());
    char => |scalar| scalar.to_string().plain();
    Principal => |principal| hex(principal.as_slice());
    Duration => |duration| {
        object(&[("secs", duration.as_secs().plain()), ("nanos", duration.subsec_nanos().plain())])
    };
    () => |_unit| "[]".to_owned();
}

impl Plain for u8 {
    fn plain(&self) -> String {
        self.to_string()
    }

    fn plain_all(all: &[u8]) -> String {
        hex(all)
    }
}

impl Plain for String {
    fn plain(&self) -> String {
        let mut out = String::from("\"");
        for scalar in self.chars() {
            match scalar {
                '"' | '\\' => out.extend(['\\', scalar]),
                '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(scalar)).unwrap(),
                _ => out.push(scalar),
            }
        }
        out + "\""
    }
}

impl<const N: usize> Plain for Text<N> {
    fn plain(&self) -> String {
        self.to_string().plain()
    }
}

impl<const N: usize> Plain for Blob<N> {
    fn plain(&self) -> String {
        hex(self)
    }
}

impl<T: Plain> Plain for Option<T> {
    fn plain(&self) -> String {
        self.as_ref().map_or("null".to_owned(), |value| format!("[{}]", value.plain()))
    }
}

impl<T: Plain, E: Plain> Plain for Result<T, E> {
    fn plain(&self) -> String {
        match self {
            Ok(value) => object(&[("Ok", value.plain())]),
            Err(value) => object(&[("Err", value.plain())]),
        }
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn plain(&self) -> String {
        T::plain_all(self)
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    fn plain(&self) -> String {
        T::plain_all(self)
    }
}

impl<T: Plain> Plain for Box<T> {
    fn plain(&self) -> String {
        T::plain(self)
    }
}

impl<T: Plain> Plain for Reverse<T> {
    fn plain(&self) -> String {
        self.0.plain()
    }
}

macro_rules! plain_tuples {
    ($($($part:ident $i:tt)+;)+) => {$(
        impl<$($part: Plain),+> Plain for ($($part,)+) {
            fn plain(&self) -> String {
                list([$(self.$i.plain()),+].into_iter())
            }
        }
    )+};
}

plain_tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}

/// Defines a struct with [`Plain`].
macro_rules! record {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        pub(super) struct $name { $($(#[$field_meta])* pub(super) $field: $ty,)* }

        impl Plain for $name {
            fn plain(&self) -> String {
                object(&[$((stringify!($field), self.$field.plain())),*])
            }
        }
    };
}
pub(super) use record;
