//! Keys and values, made of numbers.

use crate::numbers::next;

/// A key that can be made of a number.
pub trait Key: Ord + Sized {
    /// Returns the key of that number.
    fn of(number: u64) -> Self;
}

impl Key for u64 {
    #[inline]
    fn of(number: u64) -> Self {
        number
    }
}

/// Four outputs of xorshift64* from the number: in no order, whatever order the numbers have. No
/// two numbers have one.
impl Key for [u8; 32] {
    #[inline]
    fn of(number: u64) -> Self {
        let mut state = if number == 0 { u64::MAX } else { number };
        let mut bytes = [0; 32];
        bytes.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&next(&mut state).to_le_bytes()));
        bytes
    }
}

/// The number in 16 hexadecimal digits.
impl Key for String {
    fn of(number: u64) -> Self {
        let digit = |i: u32| char::from(b"0123456789abcdef"[(number >> (60 - 4 * i)) as usize & 15]);
        let mut text = String::with_capacity(16);
        text.extend((0..16).map(digit));
        text
    }
}

/// An owner, such as a principal, and the number of one of a hundred things that it has.
impl Key for ([u8; 29], u64) {
    fn of(number: u64) -> Self {
        let mut owner = [2; 29];
        owner[..28].copy_from_slice(&<[u8; 32] as Key>::of(number / 100)[..28]);
        (owner, number % 100)
    }
}

/// A folder, and the name of one of a hundred documents in it.
impl Key for (u32, String) {
    fn of(number: u64) -> Self {
        let digit = |by: u64| char::from(b'0' + (number % 100 / by % 10) as u8);
        let mut name = String::with_capacity(16);
        name.push_str("document ");
        name.extend([digit(10), digit(1)]);
        ((number / 100) as u32, name)
    }
}

/// A value that can be made of a number.
pub trait Value: Sized {
    /// Returns the value for that number.
    fn of(number: u64) -> Self;
    /// Returns a part of it: looked at, so that no reading can be left out.
    fn part(&self) -> u64;
}

impl Value for u64 {
    #[inline]
    fn of(number: u64) -> Self {
        number
    }

    #[inline]
    fn part(&self) -> u64 {
        *self
    }
}

impl<const N: usize> Value for [u8; N] {
    #[inline]
    fn of(number: u64) -> Self {
        [number as u8; N]
    }

    #[inline]
    fn part(&self) -> u64 {
        u64::from(self[N / 2])
    }
}
