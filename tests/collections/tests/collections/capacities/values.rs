//! Values of a chosen length, which follow from a number.

use std::fmt::Debug;

use graven::StableLayout;

/// A value that is made from a number.
pub trait Numbered: StableLayout + Clone + Debug + PartialEq {
    /// Returns the value of a number, of `len` bytes if this type leaves a choice.
    fn of(number: u64, len: usize) -> Self;
}

fn byte(number: u64, at: usize) -> u8 {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (at % 8 * 7)) as u8
}

impl Numbered for Vec<u8> {
    fn of(number: u64, len: usize) -> Self {
        (0..len).map(|at| byte(number, at)).collect()
    }
}

impl<const N: usize> Numbered for [u8; N] {
    fn of(number: u64, _: usize) -> Self {
        std::array::from_fn(|at| byte(number, at))
    }
}

/// A record of any length. Its second version is two bytes longer.
pub mod record {
    use super::{Numbered, StableLayout};

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(name = "Record", version = 1)]
    pub struct V1 {
        pub bytes: Vec<u8>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(name = "Record", version = 2)]
    pub struct V2 {
        pub bytes: Vec<u8>,
        #[layout(since = 2, default = 7)]
        pub more: u16,
    }

    impl Numbered for V1 {
        fn of(number: u64, len: usize) -> Self {
            V1 { bytes: Vec::of(number, len) }
        }
    }

    impl Numbered for V2 {
        fn of(number: u64, len: usize) -> Self {
            V2::from(V1::of(number, len))
        }
    }

    impl From<V1> for V2 {
        fn from(old: V1) -> Self {
            V2 { bytes: old.bytes, more: 7 }
        }
    }
}

/// A record of a fixed length. Its second version is two bytes longer.
pub mod fixed {
    use super::{Numbered, StableLayout};

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(name = "Fixed", version = 1)]
    pub struct V1<const N: usize> {
        pub bytes: [u8; N],
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(name = "Fixed", version = 2)]
    pub struct V2<const N: usize> {
        pub bytes: [u8; N],
        #[layout(since = 2, default = 7)]
        pub more: u16,
    }

    impl<const N: usize> Numbered for V1<N> {
        fn of(number: u64, len: usize) -> Self {
            V1 { bytes: <[u8; N]>::of(number, len) }
        }
    }

    impl<const N: usize> Numbered for V2<N> {
        fn of(number: u64, len: usize) -> Self {
            V2::from(V1::of(number, len))
        }
    }

    impl<const N: usize> From<V1<N>> for V2<N> {
        fn from(old: V1<N>) -> Self {
            V2 { bytes: old.bytes, more: 7 }
        }
    }
}
