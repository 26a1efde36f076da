//! Layouts of what std and candid give: text, vectors, arrays, boxes, durations, principals.

use core::time::Duration;

use ic_principal::Principal;

use super::record::{RecordReader, RecordWriter, head_size, u32_at};
use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};

impl StableLayout for String {
    const LAYOUT: &'static Layout = &Layout::String;

    #[inline]
    fn encoded_len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(self.as_bytes());
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        Self::decode_vec(bytes.to_vec())
    }

    #[inline]
    fn encoded(&self) -> Option<&[u8]> {
        Some(self.as_bytes())
    }

    #[inline]
    fn decode_vec(bytes: Vec<u8>) -> Result<Self, Invalid> {
        String::from_utf8(bytes).map_err(|_| Invalid("a string is not UTF-8"))
    }
}

/// Elements of constant size stand back to back; others behind a table that says where each ends.
impl<T: StableLayout> StableLayout for Vec<T> {
    const LAYOUT: &'static Layout = &Layout::Vec(T::LAYOUT);
    const HISTORY: &'static History = &History::Vec(T::HISTORY);

    #[inline]
    fn encoded_len(&self) -> usize {
        const { assert!(!matches!(T::SIZE, Some(0)), "a Vec of values without bytes: store the number instead") }
        match T::SIZE {
            Some(size) => self.len() * size,
            None => 4 + self.iter().map(|item| 4 + item.encoded_len()).sum::<usize>(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        if let Some(bytes) = T::slice_bytes(self) {
            return out.copy_from_slice(bytes);
        }
        if let Some(size) = T::SIZE {
            return self.iter().zip(out.chunks_exact_mut(size)).for_each(|(item, place)| item.encode(place));
        }
        let (count, rest) = out.split_at_mut(4);
        count.copy_from_slice(&(self.len() as u32).to_le_bytes());
        let mut writer = RecordWriter::new(rest, 4 * self.len());
        self.iter().for_each(|item| writer.field(item));
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        decode_elements(bytes, T::SIZE, T::decode)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        match plan.parts() {
            Some([inner]) => decode_elements(bytes, inner.size, |bytes| T::decode_old(inner, bytes)),
            _ => Self::decode(bytes),
        }
    }

    #[inline]
    fn encoded(&self) -> Option<&[u8]> {
        T::slice_bytes(self)
    }

    #[inline]
    fn decode_vec(bytes: Vec<u8>) -> Result<Self, Invalid> {
        T::vec_from_bytes(bytes).or_else(|bytes| Self::decode(&bytes))
    }
}

/// Reads a vector of elements that take `size` bytes each, or as many as the table says.
fn decode_elements<T>(
    bytes: &[u8],
    size: Option<usize>,
    decode: impl Fn(&[u8]) -> Result<T, Invalid>,
) -> Result<Vec<T>, Invalid> {
    if let Some(size) = size {
        if size == 0 || !bytes.len().is_multiple_of(size) {
            return Err(Invalid("a vector's bytes are no multiple of its element's"));
        }
        return bytes.chunks_exact(size).map(decode).collect();
    }
    let count = u32_at(bytes, 0)? as usize;
    let rest = &bytes[4..];
    let table = count.checked_mul(4).and_then(|table| rest.split_at_checked(table));
    let (ends, tail) = table.ok_or(Invalid("a vector ends within its table"))?;
    let mut start = 0;
    let mut items = Vec::with_capacity(count);
    for end in ends.chunks_exact(4) {
        let end = u32_at(end, 0)? as usize;
        items.push(decode(tail.get(start..end).ok_or(Invalid("an element is not where the table says"))?)?);
        start = end;
    }
    if start == tail.len() { Ok(items) } else { Err(Invalid("a vector is longer than its elements")) }
}

impl<T: StableLayout, const N: usize> StableLayout for [T; N] {
    const LAYOUT: &'static Layout = &Layout::Array(T::LAYOUT, N as u32);
    const HISTORY: &'static History = &History::Array(T::HISTORY, N as u32);

    #[inline]
    fn encoded_len(&self) -> usize {
        match Self::SIZE {
            Some(size) => size,
            None => self.iter().map(|item| 4 + item.encoded_len()).sum(),
        }
    }

    #[inline]
    fn encoded(&self) -> Option<&[u8]> {
        T::slice_bytes(self)
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        if let Some(bytes) = T::slice_bytes(self) {
            return out.copy_from_slice(bytes);
        }
        let mut writer = RecordWriter::new(out, N * head_size(T::SIZE));
        self.iter().for_each(|item| writer.field(item));
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        if let Some(array) = T::array_from_bytes(bytes) {
            return Ok(array);
        }
        let mut reader = RecordReader::new(bytes, N * head_size(T::SIZE))?;
        let array = try_array(|_| reader.field())?;
        reader.finish()?;
        Ok(array)
    }

    #[inline]
    fn filled(fill: impl FnOnce(&mut [u8])) -> Option<Self> {
        T::filled_array(fill)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        let Some([inner]) = plan.parts() else { return Self::decode(bytes) };
        let head = N * head_size(inner.size);
        let mut reader = RecordReader::new(bytes, head)?;
        let array = try_array(|_| reader.old_field(inner))?;
        reader.finish()?;
        Ok(array)
    }
}

/// `core::array::try_from_fn`, which is not stable yet, without allocating.
#[inline]
pub(crate) fn try_array<T, const N: usize>(
    mut make: impl FnMut(usize) -> Result<T, Invalid>,
) -> Result<[T; N], Invalid> {
    let mut failed = None;
    let slots: [Option<T>; N] = core::array::from_fn(|i| match failed {
        Some(_) => None,
        None => make(i).map_err(|why| failed = Some(why)).ok(),
    });
    match failed {
        Some(why) => Err(why),
        None => Ok(slots.map(|slot| slot.unwrap_or_else(|| unreachable!("no element failed")))),
    }
}

/// A box has the layout of what is in it.
impl<T: StableLayout> StableLayout for Box<T> {
    const LAYOUT: &'static Layout = T::LAYOUT;
    const HISTORY: &'static History = T::HISTORY;

    #[inline]
    fn encoded_len(&self) -> usize {
        T::encoded_len(self)
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        T::encode(self, out);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        T::decode(bytes).map(Box::new)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        T::decode_old(plan, bytes).map(Box::new)
    }
}

/// Seconds as `u64`, then nanoseconds as `u32` below a thousand million.
impl StableLayout for Duration {
    const LAYOUT: &'static Layout = &Layout::Duration;

    #[inline]
    fn encoded_len(&self) -> usize {
        12
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        (self.as_secs(), self.subsec_nanos()).encode(out);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        match <(u64, u32)>::decode(bytes)? {
            (seconds, nanos @ 0..1_000_000_000) => Ok(Duration::new(seconds, nanos)),
            _ => Err(Invalid("a duration has a second or more of nanoseconds")),
        }
    }
}

/// The length in one byte, then 29 bytes filled up with zeros; the same bytes as a key.
impl StableLayout for Principal {
    const LAYOUT: &'static Layout = &Layout::Principal;

    #[inline]
    fn encoded_len(&self) -> usize {
        30
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        let bytes = self.as_slice();
        let (len, rest) = out.split_at_mut(1);
        len[0] = bytes.len() as u8;
        rest[..bytes.len()].copy_from_slice(bytes);
        rest[bytes.len()..].fill(0);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let bad = Invalid("a principal has a length or padding it cannot have");
        let bytes: &[u8; 30] = bytes.try_into().map_err(|_| bad)?;
        let (used, padding) = bytes[1..].split_at_checked(bytes[0] as usize).ok_or(bad)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(bad);
        }
        Ok(Principal::from_slice(used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    fn round_trip<T: StableLayout + PartialEq + core::fmt::Debug>(value: T) {
        let bytes = encode(&value);
        assert_eq!(T::decode(&bytes).unwrap(), value);
        for cut in 0..bytes.len() {
            let _ = T::decode(&bytes[..cut]);
        }
    }

    #[test]
    fn values_come_back() {
        round_trip(String::from("Zürich"));
        round_trip(vec![1u8, 2, 3]);
        round_trip(vec![String::from("a"), String::new(), String::from("ccc")]);
        round_trip([Some(1u16), None]);
        round_trip([String::from("x"), String::from("yz")]);
        round_trip(Some(Some(String::new())));
        round_trip(Some(None::<String>));
        round_trip(Ok::<u8, u64>(7));
        round_trip(Err::<u8, String>("no".into()));
        round_trip(Box::new((1u8, vec![2u16])));
        round_trip(Duration::new(5, 999_999_999));
        round_trip(Principal::from_slice(&[1, 2, 3]));
        round_trip(Principal::management_canister());
    }

    #[test]
    fn a_table_of_ends_precedes_elements_of_any_length() {
        let bytes = encode(&vec![String::from("ab"), String::from("c")]);
        assert_eq!(bytes, [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, b'a', b'b', b'c']);
    }

    #[test]
    fn an_absent_value_of_constant_size_takes_its_place() {
        assert_eq!(encode(&None::<u32>), [0; 5]);
        assert_eq!(encode(&Ok::<u8, u32>(9)), [0, 9, 0, 0, 0]);
    }

    #[test]
    fn padding_that_is_not_zero_is_an_error() {
        assert!(Option::<u16>::decode(&[0, 0, 1]).is_err());
        assert!(Result::<u8, u32>::decode(&[0, 9, 1, 0, 0]).is_err());
    }

    #[test]
    fn forged_counts_do_not_allocate() {
        assert!(Vec::<String>::decode(&[0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(Vec::<String>::decode(&[0xff, 0xff, 0xff, 0x3f, 0, 0, 0, 0]).is_err());
    }
}
