//! Bytes and text with an upper bound, which take a constant number of bytes in a record.

use core::fmt;
use core::ops::Deref;

use super::{Invalid, Layout, StableLayout, length_bytes};
use crate::simd;

/// An error for more bytes than a [`Blob`] or [`Text`] may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value of {len} bytes: at most {max} are allowed")]
pub struct TooLong {
    /// The number of bytes given.
    pub len: usize,
    /// The largest number of bytes allowed.
    pub max: usize,
}

/// A byte string of at most `N` bytes. It takes `N` bytes and its length (1, 2 or 4 bytes) in every
/// record, so a field can be overwritten in place. Where lengths vary a lot, use `Vec<u8>`.
///
/// # Example: a digest
/// ```
/// use graven_core::layout::Blob;
/// let digest = Blob::<32>::new(vec![7; 20]).unwrap();
/// assert_eq!(digest.len(), 20);
/// assert!(Blob::<4>::new(vec![0; 5]).is_err());
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blob<const N: usize>(Vec<u8>);

/// A text of at most `N` bytes of UTF-8. It takes `N` bytes and its length (1, 2 or 4 bytes) in
/// every record, so a field can be overwritten in place. Where lengths vary a lot, use `String`.
///
/// # Example: a country code
/// ```
/// use graven_core::layout::Text;
/// let code: Text<2> = "CH".parse().unwrap();
/// assert_eq!(&*code, "CH");
/// assert!("CHE".parse::<Text<2>>().is_err());
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize>(String);

impl<const N: usize> Blob<N> {
    /// Wraps the given bytes.
    ///
    /// # Errors
    /// [`TooLong`] if there are more than `N` bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, TooLong> {
        let bytes = bytes.into();
        if bytes.len() > N { Err(TooLong { len: bytes.len(), max: N }) } else { Ok(Blob(bytes)) }
    }

    /// Returns the bytes as a vector.
    #[must_use]
    pub fn into_inner(self) -> Vec<u8> {
        self.0
    }
}

impl<const N: usize> Text<N> {
    /// Wraps the given text.
    ///
    /// # Errors
    /// [`TooLong`] if there are more than `N` bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, TooLong> {
        let text = text.into();
        if text.len() > N { Err(TooLong { len: text.len(), max: N }) } else { Ok(Text(text)) }
    }

    /// Returns the text as a string.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl<const N: usize> Deref for Blob<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> core::str::FromStr for Text<N> {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        Text::new(text)
    }
}

impl<const N: usize> TryFrom<&[u8]> for Blob<N> {
    type Error = TooLong;

    fn try_from(bytes: &[u8]) -> Result<Self, TooLong> {
        Blob::new(bytes)
    }
}

impl<const N: usize> fmt::Debug for Blob<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "a length has at most 4 bytes, and the value is no longer than its bound"
)]
fn encode_bounded<const N: usize>(bytes: &[u8], out: &mut [u8]) {
    let prefix = length_bytes(N as u32);
    let (len, rest) = out.split_at_mut(prefix);
    len.copy_from_slice(&(bytes.len() as u32).to_le_bytes()[..prefix]);
    let (used, padding) = rest.split_at_mut(bytes.len());
    simd::copy(used, bytes);
    simd::clear(padding);
}

pub(super) fn decode_bounded<const N: usize>(bytes: &[u8]) -> Result<&[u8], Invalid> {
    let split = bytes.split_at_checked(length_bytes(N as u32)).filter(|(_, rest)| rest.len() == N);
    let (prefix, rest) = split.ok_or(Invalid("a bounded value has the wrong size"))?;
    let mut len = [0; 4];
    len.iter_mut().zip(prefix).for_each(|(to, byte)| *to = *byte);
    let used = rest.split_at_checked(u32::from_le_bytes(len) as usize);
    let (used, padding) = used.ok_or(Invalid("a bounded value is longer than its bound"))?;
    if !simd::is_zero(padding) {
        return Err(Invalid("a bounded value has other bytes than zeros after its end"));
    }
    Ok(used)
}

macro_rules! bounded {
    ($ty:ident, $kind:ident, $read:expr) => {
        impl<const N: usize> StableLayout for $ty<N> {
            const LAYOUT: &'static Layout = &Layout::$kind({
                assert!(N <= u32::MAX as usize, "a bound of 4 GiB or more");
                N as u32
            });

            fn encoded_len(&self) -> usize {
                length_bytes(N as u32) + N
            }

            fn encode(&self, out: &mut [u8]) {
                encode_bounded::<N>(self.0.as_ref(), out);
            }

            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                $read(decode_bounded::<N>(bytes)?.to_vec()).map($ty)
            }
        }
    };
}

bounded!(Blob, Blob, Ok::<_, Invalid>);
bounded!(Text, Text, |bytes| String::from_utf8(bytes).map_err(|_| Invalid("a text is not UTF-8")));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    #[test]
    fn bounded_values_are_filled_up() {
        let text: Text<4> = "ab".parse().unwrap();
        assert_eq!(encode(&text), [2, b'a', b'b', 0, 0]);
        assert_eq!(Text::decode(&encode(&text)).unwrap(), text);
        let blob = Blob::<300>::new(vec![1; 257]).unwrap();
        assert_eq!(encode(&blob)[..2], [1, 1]);
        assert_eq!(Blob::decode(&encode(&blob)).unwrap(), blob);
        assert!(Text::<4>::decode(&[5, 0, 0, 0, 0]).is_err());
        assert!(Text::<4>::decode(&[1, b'a', b'b', 0, 0]).is_err());
        assert!(Text::<4>::decode(&[1, 0xff, 0, 0, 0]).is_err());
    }
}
