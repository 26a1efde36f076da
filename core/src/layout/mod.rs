//! Byte layouts of types: their structure ([`Layout`]), their descriptors and fingerprints, and the
//! encoding of values ([`StableLayout`]). Encodings of keys are in `key`, and previous layouts in
//! `evolution`. This module does not depend on pages or memory.

#[cfg(feature = "candid")]
mod big;
mod bounded;
mod choice;
pub(crate) mod containers;
pub mod descriptor;
pub mod field;
mod fingerprint;
#[cfg(feature = "candid")]
mod fingerprint_text;
mod foreign;
#[doc(hidden)]
pub mod kinds;
mod list;
mod matching;
mod previous;
mod primitives;
pub mod record;
mod shape;
pub mod stored;
mod tables;
mod tuples;

pub use bounded::{Blob, Text, TooLong};
pub(crate) use containers::try_array;
pub use fingerprint::Fingerprint;
pub use shape::{Field, Layout, Prim, Variant, length_bytes};

use kinds::ByKind;

use crate::evolution::{History, Plan};

/// The reason why bytes are not a value of the expected type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid bytes: {0}")]
pub struct Invalid(pub &'static str);

/// A type with an explicit, versioned byte layout that does not depend on the compiler.
///
/// Derive it with `#[derive(StableLayout)]` and `#[layout(version = 1)]`. Implement it by hand only
/// for codecs and containers, and keep what each method promises.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no stable byte layout",
    label = "this type cannot be kept in stable memory",
    note = "add `#[derive(StableLayout)]` and `#[layout(version = 1)]` to a type of your own",
    note = "instead of `usize` or `isize` use `u64` or `i64`; instead of `&str` or `&[T]`, `String` or `Vec<T>`"
)]
pub trait StableLayout: Sized + 'static {
    /// The current layout of this type.
    const LAYOUT: &'static Layout;

    /// The constant size of the encoding in bytes, or `None` if it varies.
    const SIZE: Option<usize> = Self::LAYOUT.size();

    /// All layouts that values of this type may have been stored in.
    const HISTORY: &'static History = &History::Plain(Self::LAYOUT);

    /// Returns the length of this value's encoding in bytes, which is [`StableLayout::SIZE`] if
    /// that is constant.
    fn encoded_len(&self) -> usize;

    /// Writes the encoding to `out`, which is exactly [`StableLayout::encoded_len`] bytes long.
    fn encode(&self, out: &mut [u8]);

    /// Decodes a value from exactly its encoding. Any other bytes are an error, never a panic.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not the encoding of a value.
    fn decode(bytes: &[u8]) -> Result<Self, Invalid>;

    /// Decodes a value in a previous layout of the history, for which `plan` was made.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not the encoding of a value in that layout.
    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        let _ = plan;
        Self::decode(bytes)
    }

    /// Calls the method of `S` that fits this type. All but some built-in types use
    /// `ByKind::other`.
    #[doc(hidden)]
    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::other::<Self>(input)
    }
}

/// Returns the encoding of a value as a new vector.
///
/// # Example: what ends up in memory
/// ```
/// assert_eq!(graven_core::layout::encode(&(1u16, true)), [1, 0, 1]);
/// ```
#[must_use]
pub fn encode<T: StableLayout>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_len()];
    value.encode(&mut bytes);
    bytes
}
