//! Layouts of the lists `Vec` and `VecDeque`. Elements of constant size are stored back to back.
//! Other elements follow a table of their ends. Sets and maps of std are lists of their entries:
//! see `tables`.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::VecDeque;

use super::kinds::{ByKind, list_of_bytes, slice_bytes};
use super::record::{RecordWriter, head_size, tail_len, u32_at};
use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};
use crate::simd;

/// The number of heap bytes to reserve for a list, for each byte of its encoding. It limits what a
/// forged count can allocate. The table has four bytes for each element, so this is enough for
/// elements of up to 32 bytes on the heap. Lists of larger elements grow as they are decoded.
const HEAP_BYTES_PER_BYTE: usize = 8;

/// An element to encode: a value, or the pair of a map.
pub(super) trait Element {
    const SIZE: Option<usize>;

    fn encoded_len(&self) -> usize;

    fn encode(&self, out: &mut [u8]);
}

impl<T: StableLayout> Element for &T {
    const SIZE: Option<usize> = T::SIZE;

    #[inline(always)]
    fn encoded_len(&self) -> usize {
        T::encoded_len(self)
    }

    #[inline(always)]
    fn encode(&self, out: &mut [u8]) {
        T::encode(self, out);
    }
}

/// Encodes the pair as a tuple.
#[expect(clippy::arithmetic_side_effects, reason = "the value is on the heap, which a `usize` counts")]
impl<K: StableLayout, V: StableLayout> Element for (&K, &V) {
    const SIZE: Option<usize> = <(K, V)>::SIZE;

    fn encoded_len(&self) -> usize {
        head_size(K::SIZE) + head_size(V::SIZE) + tail_len(self.0) + tail_len(self.1)
    }

    fn encode(&self, out: &mut [u8]) {
        let mut writer = RecordWriter::new(out, head_size(K::SIZE) + head_size(V::SIZE));
        writer.field(self.0);
        writer.field(self.1);
    }
}

/// Returns the layout of a list's elements.
const fn element<T: StableLayout>() -> &'static Layout {
    assert!(
        !matches!(T::SIZE, Some(0)),
        "the elements of this list take no bytes, so nothing would say how many there are: store their number"
    );
    T::LAYOUT
}

#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "the value is on the heap, which a `usize` counts")]
pub(super) fn list_len<E: Element>(items: impl ExactSizeIterator<Item = E>) -> usize {
    match E::SIZE {
        Some(size) => items.len() * size,
        None => 4 + items.map(|item| 4 + item.encoded_len()).sum::<usize>(),
    }
}

#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "the value's length was checked to be a `u32`")]
pub(super) fn encode_list<E: Element>(items: impl ExactSizeIterator<Item = E>, out: &mut [u8]) {
    if let Some(size) = E::SIZE {
        return items.zip(out.chunks_exact_mut(size)).for_each(|(item, place)| item.encode(place));
    }
    let (count, rest) = out.split_at_mut(4);
    count.copy_from_slice(&(items.len() as u32).to_le_bytes());
    let (table, mut tail) = rest.split_at_mut(4 * items.len());
    let mut end = 0;
    for (item, slot) in items.zip(table.chunks_exact_mut(4)) {
        let len = item.encoded_len();
        let (place, rest) = tail.split_at_mut(len);
        item.encode(place);
        tail = rest;
        end += len as u32;
        slot.copy_from_slice(&end.to_le_bytes());
    }
}

/// Decodes elements that take `size` bytes each. If `size` is `None`, the table has their ends.
fn decode_list<T>(
    bytes: &[u8],
    size: Option<usize>,
    decode: impl Fn(&[u8]) -> Result<T, Invalid>,
) -> Result<Vec<T>, Invalid> {
    if let Some(size) = size {
        if size == 0 || !bytes.len().is_multiple_of(size) {
            return Err(Invalid("a list's bytes are no multiple of its element's"));
        }
        return bytes.chunks_exact(size).map(decode).collect();
    }
    let short = Invalid("a list ends within its table");
    let (count, rest) = bytes.split_first_chunk().ok_or(short)?;
    let count = u32::from_le_bytes(*count) as usize;
    let table = count.checked_mul(4).and_then(|table| rest.split_at_checked(table));
    let (ends, tail) = table.ok_or(short)?;
    let mut start = 0;
    let mut items = Vec::with_capacity(count.min(first_capacity(bytes.len(), size_of::<T>())));
    for end in ends.chunks_exact(4) {
        let end = u32_at(end, 0)? as usize;
        items.push(decode(tail.get(start..end).ok_or(Invalid("an element is not where the table says"))?)?);
        start = end;
    }
    if start == tail.len() { Ok(items) } else { Err(Invalid("a list is longer than its elements")) }
}

/// Returns the number of elements for which a list may reserve room before it decodes them. The
/// list is encoded in `bytes` bytes, and each element takes `heap_size` bytes on the heap.
#[expect(clippy::arithmetic_side_effects, reason = "the divisor is not 0")]
const fn first_capacity(bytes: usize, heap_size: usize) -> usize {
    let heap_size = if heap_size == 0 { 1 } else { heap_size };
    bytes.saturating_mul(HEAP_BYTES_PER_BYTE) / heap_size
}

impl<T: StableLayout> StableLayout for Vec<T> {
    const LAYOUT: &'static Layout = &Layout::Vec(element::<T>());
    const HISTORY: &'static History = &History::Vec(T::HISTORY);

    #[inline]
    fn encoded_len(&self) -> usize {
        list_len(self.iter())
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        match slice_bytes(self) {
            Some(bytes) => simd::copy(out, bytes),
            None => encode_list(self.iter(), out),
        }
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        match list_of_bytes(bytes) {
            Some(list) => Ok(list),
            None => decode_list(bytes, T::SIZE, T::decode),
        }
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        match plan.parts() {
            Some([inner]) => decode_list(bytes, inner.size, |bytes| T::decode_old(inner, bytes)),
            _ => Self::decode(bytes),
        }
    }

    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::list(input)
    }
}

/// Has the layout of `Vec<T>`.
impl<T: StableLayout> StableLayout for VecDeque<T> {
    const LAYOUT: &'static Layout = <Vec<T>>::LAYOUT;
    const HISTORY: &'static History = <Vec<T>>::HISTORY;

    fn encoded_len(&self) -> usize {
        list_len(self.iter())
    }

    fn encode(&self, out: &mut [u8]) {
        encode_list(self.iter(), out);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        <Vec<T>>::decode(bytes).map(VecDeque::from)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        <Vec<T>>::decode_old(plan, bytes).map(VecDeque::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    #[test]
    fn a_table_of_ends_precedes_elements_of_any_length() {
        let bytes = encode(&vec![String::from("ab"), String::from("c")]);
        assert_eq!(bytes, [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, b'a', b'b', b'c']);
    }

    #[test]
    fn a_deque_has_the_bytes_of_a_list_whatever_its_ring_holds() {
        let mut deque: VecDeque<u16> = (1..=4).collect();
        deque.rotate_left(3);
        assert_eq!(encode(&deque), encode(&vec![4u16, 1, 2, 3]));
        assert_eq!(VecDeque::decode(&encode(&deque)), Ok(deque));
        let texts: VecDeque<String> = ["ab", "", "c"].map(String::from).into();
        assert_eq!(VecDeque::decode(&encode(&texts)), Ok(texts));
    }

    #[test]
    fn a_list_of_bytes_is_its_bytes() {
        assert_eq!(encode(&vec![3u8, 1, 2]), [3, 1, 2]);
        assert_eq!(<Vec<u8>>::decode(&[3, 1, 2]), Ok(vec![3, 1, 2]));
        assert_eq!(encode(&VecDeque::from([3u8, 1, 2])), [3, 1, 2]);
    }

    #[test]
    fn forged_counts_are_errors() {
        assert!(Vec::<String>::decode(&[0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(Vec::<String>::decode(&[0xff, 0xff, 0xff, 0x3f, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn a_forged_count_makes_room_for_no_more_than_its_bytes_allow() {
        type Large = [String; 60];
        let mib = 1 << 20;
        let room =
            |elements: usize| elements.min(first_capacity(mib, size_of::<Large>())) * size_of::<Large>();
        assert!(room(mib / 4) <= HEAP_BYTES_PER_BYTE * mib, "{}", room(mib / 4));
        // Short lists of common elements are allocated only once.
        for len in 1..100 {
            let bytes = encode(&vec![String::new(); len]).len();
            assert!(first_capacity(bytes, size_of::<String>()) >= len);
        }
        assert_eq!(first_capacity(usize::MAX, 0), usize::MAX);
    }
}
