//! Keys and values of many shapes, made from numbers.

use std::fmt::Debug;

use candid::Principal;
use graven::{Reverse, StableKey, StableLayout};

use crate::rng::Rng;

/// A key that can be made from a number.
pub trait SampleKey: StableKey + Ord + Clone + Debug {
    /// Returns the key of a number; other numbers may give the same one.
    fn sample(number: u64) -> Self;
}

/// A value that can be made from random numbers.
pub trait SampleValue: StableLayout + PartialEq + Clone + Debug {
    /// Some value.
    fn sample(rng: &mut Rng) -> Self;
}

impl SampleKey for u64 {
    fn sample(number: u64) -> Self {
        number
    }
}

impl SampleKey for u8 {
    fn sample(number: u64) -> Self {
        number as u8
    }
}

/// Of at least twelve bytes.
impl<const N: usize> SampleKey for [u8; N] {
    fn sample(number: u64) -> Self {
        let mut key = [7; N];
        key[N - 12..N - 4].copy_from_slice(&number.to_be_bytes());
        key
    }
}

/// Of lengths from 1 to 120, often with the beginning of another.
impl SampleKey for String {
    fn sample(number: u64) -> Self {
        let repeat = if number.is_multiple_of(17) { 30 } else { number as usize % 3 + 1 };
        format!("{:04x}", number & 0xffff).repeat(repeat)
    }
}

impl SampleKey for (String, u32) {
    fn sample(number: u64) -> Self {
        let words = ["", "a", "a\0", "a\0b", "Zürich", "\0"];
        (words[number as usize % words.len()].to_owned(), (number / 6) as u32)
    }
}

/// Near the length that a key may have, and alike up to the end.
impl SampleKey for Vec<u8> {
    fn sample(number: u64) -> Self {
        let mut key = vec![0xab; 975];
        key.extend(number.to_be_bytes());
        key.resize(983 + number as usize % 10, 0xcd);
        key
    }
}

impl SampleKey for Principal {
    fn sample(number: u64) -> Self {
        let bytes = number.to_be_bytes();
        Principal::from_slice(&bytes.repeat(3)[..number as usize % 22])
    }
}

impl<T: SampleKey> SampleKey for Reverse<T> {
    fn sample(number: u64) -> Self {
        Reverse(T::sample(number))
    }
}

impl SampleValue for u64 {
    fn sample(rng: &mut Rng) -> Self {
        rng.any()
    }
}

impl SampleValue for () {
    fn sample(_: &mut Rng) {}
}

impl<const N: usize> SampleValue for [u8; N] {
    fn sample(rng: &mut Rng) -> Self {
        [rng.any() as u8; N]
    }
}

impl SampleValue for String {
    fn sample(rng: &mut Rng) -> Self {
        let len = rng.below(60);
        "añ".repeat(len as usize)
    }
}

/// From nothing to 50 KB; most are short.
impl SampleValue for Vec<u8> {
    fn sample(rng: &mut Rng) -> Self {
        match rng.below(200) {
            0 => rng.bytes_below(50_000),
            1..=6 => rng.bytes_below(5_000),
            7..=20 => Vec::new(),
            _ => rng.bytes_below(80),
        }
    }
}
