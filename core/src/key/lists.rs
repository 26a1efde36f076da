//! Keys of varying length: text, bytes, and lists of other keys.

use core::marker::PhantomData;

use super::numbers::take;
use super::{KeyBuf, StableKey};
use crate::layout::kinds::{ByKind, decode_vec};
use crate::layout::{Blob, Invalid, Layout, Text};

/// Writes bytes of any length. They are escaped and terminated unless `last`.
pub(super) fn write_bytes(bytes: &[u8], out: &mut KeyBuf, last: bool) {
    write_first_bytes(bytes, out, last);
    if !last {
        out.push([0, 0]);
    }
}

/// Writes the first bytes of longer ones, so that they have no end. They are escaped unless `last`.
pub(super) fn write_first_bytes(bytes: &[u8], out: &mut KeyBuf, last: bool) {
    if last || !has_zero(bytes) {
        return out.extend(bytes);
    }
    for (i, run) in bytes.split(|byte| *byte == 0).enumerate() {
        if i > 0 {
            out.push([0, 0xff]);
        }
        out.extend(run);
    }
}

/// Returns `true` if a byte is zero. Most texts have none.
fn has_zero(bytes: &[u8]) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = bytes.as_chunks::<8>();
    let has_zero = |word: u64| word.wrapping_sub(LOW) & !word & LOW << 7 != 0;
    words.iter().any(|word| has_zero(u64::from_le_bytes(*word))) || rest.contains(&0)
}

fn read_bytes(bytes: &mut &[u8], last: bool) -> Result<Vec<u8>, Invalid> {
    if last {
        return Ok(core::mem::take(bytes).to_vec());
    }
    let mut read = Vec::new();
    loop {
        let zero = bytes.iter().position(|byte| *byte == 0).ok_or(Invalid("a text in a key does not end"))?;
        let (part, rest) = bytes.split_at(zero);
        read.extend_from_slice(part);
        *bytes = rest;
        match take(bytes)? {
            [_, 0] => return Ok(read),
            [_, 0xff] => read.push(0),
            _ => return Err(Invalid("a zero byte in a key is neither escaped nor an end")),
        }
    }
}

impl StableKey for String {
    const KEY: &'static Layout = &Layout::String;

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        decode_vec(read_bytes(bytes, last)?)
    }
}

/// Writes a list. A list of bytes is written by [`write_bytes`]. In other lists, a byte 1 precedes
/// each element, and a byte 0 ends the list unless `last`. So a list comes before all longer ones
/// that begin with it.
#[inline]
pub(super) fn write_list<K: StableKey>(list: &[K], out: &mut KeyBuf, last: bool) {
    if let Some(bytes) = K::by_kind::<Bytes<'_>>(list) {
        return write_bytes(bytes, out, last);
    }
    write_elements(list, out);
    if !last {
        out.push([0]);
    }
}

/// Writes the first elements of a longer list, which has no end then.
#[inline]
pub(super) fn write_first_elements<K: StableKey>(list: &[K], out: &mut KeyBuf, last: bool) {
    match K::by_kind::<Bytes<'_>>(list) {
        Some(bytes) => write_first_bytes(bytes, out, last),
        None => write_elements(list, out),
    }
}

fn write_elements<K: StableKey>(list: &[K], out: &mut KeyBuf) {
    for element in list {
        out.push([1]);
        element.write_key(out, false);
    }
}

fn read_elements<K: StableKey>(bytes: &mut &[u8], last: bool) -> Result<Vec<K>, Invalid> {
    let mut list = Vec::new();
    loop {
        match bytes.split_first() {
            None if last => return Ok(list),
            Some((0, rest)) if !last => {
                *bytes = rest;
                return Ok(list);
            }
            Some((1, rest)) => {
                *bytes = rest;
                list.push(K::read_key(bytes, false)?);
            }
            _ => return Err(Invalid("a list in a key has neither an element nor an end")),
        }
    }
}

/// Orders lists like std: by elements, and a list before all longer ones that begin with it.
impl<K: StableKey> StableKey for Vec<K> {
    const KEY: &'static Layout = &Layout::Vec(K::KEY);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_list(self, out, last);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        match K::by_kind::<ReadBytes<'_, '_>>((bytes, last)) {
            Ok(list) => list,
            Err((bytes, last)) => read_elements(bytes, last),
        }
    }
}

struct Bytes<'a>(PhantomData<&'a ()>);

impl<'a> ByKind for Bytes<'a> {
    type In<T: 'static> = &'a [T];
    type Out<T: 'static> = Option<&'a [u8]>;

    #[inline(always)]
    fn byte(list: &'a [u8]) -> Option<&'a [u8]> {
        Some(list)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [T]) -> Option<&'a [u8]> {
        None
    }
}

struct ReadBytes<'a, 'b>(PhantomData<(&'a (), &'b ())>);

impl<'a, 'b: 'a> ByKind for ReadBytes<'a, 'b> {
    type In<T: 'static> = (&'a mut &'b [u8], bool);
    type Out<T: 'static> = Result<Result<Vec<T>, Invalid>, (&'a mut &'b [u8], bool)>;

    #[inline(always)]
    fn byte((bytes, last): Self::In<u8>) -> Self::Out<u8> {
        Ok(read_bytes(bytes, last))
    }

    #[inline(always)]
    fn other<T: 'static>(input: Self::In<T>) -> Self::Out<T> {
        Err(input)
    }
}

/// Encodes the bytes like `Vec<u8>`, without padding.
impl<const N: usize> StableKey for Blob<N> {
    const KEY: &'static Layout = &Layout::Blob(N as u32);

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self, out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        Blob::new(read_bytes(bytes, last)?).map_err(|_| Invalid("a key is longer than its bound"))
    }
}

/// Encodes the text like `String`, without padding.
impl<const N: usize> StableKey for Text<N> {
    const KEY: &'static Layout = &Layout::Text(N as u32);

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        let text: String = decode_vec(read_bytes(bytes, last)?)?;
        Text::new(text).map_err(|_| Invalid("a key is longer than its bound"))
    }
}
