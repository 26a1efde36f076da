//! Comparison of a stored layout with one of the code. It makes no descriptors, because opening a
//! store compares every field.

use super::Layout;
use super::shape::Field;
use super::stored::{OwnedField, OwnedLayout};

impl OwnedLayout {
    /// Returns `true` if this is `layout`, that is, if their fingerprints are equal. Type names do
    /// not matter.
    #[must_use]
    pub fn is(&self, layout: &Layout) -> bool {
        match (self, layout) {
            (OwnedLayout::Prim(a), Layout::Prim(b)) | (OwnedLayout::NonZero(a), Layout::NonZero(b)) => a == b,
            (OwnedLayout::String, Layout::String)
            | (OwnedLayout::Principal, Layout::Principal)
            | (OwnedLayout::Duration, Layout::Duration) => true,
            (OwnedLayout::Blob(a), Layout::Blob(b)) | (OwnedLayout::Text(a), Layout::Text(b)) => a == b,
            (OwnedLayout::Option(a), Layout::Option(b))
            | (OwnedLayout::Vec(a), Layout::Vec(b))
            | (OwnedLayout::Reverse(a), Layout::Reverse(b)) => a.is(b),
            (OwnedLayout::Result(a, b), Layout::Result(c, d)) => a.is(c) && b.is(d),
            (OwnedLayout::Array(a, n), Layout::Array(b, m)) => n == m && a.is(b),
            (OwnedLayout::Tuple(a), Layout::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(*b).all(|(a, b)| a.is(b))
            }
            (
                OwnedLayout::Struct { version: v, fields: a, .. },
                Layout::Struct { version: w, fields: b, .. },
            ) => v == w && fields_are(a, b),
            (
                OwnedLayout::Enum { version: v, variants: a, .. },
                Layout::Enum { version: w, variants: b, .. },
            ) => {
                let same = |(a, b): (&super::stored::OwnedVariant, &super::Variant)| {
                    a.name == b.name && a.tag == b.tag && fields_are(&a.fields, b.fields)
                };
                v == w && a.len() == b.len() && a.iter().zip(*b).all(same)
            }
            (OwnedLayout::Opaque { codec: a }, Layout::Opaque { codec: b }) => a == b,
            _ => false,
        }
    }

    /// Returns `true` if both are the same kind of container, or both are derived types.
    #[must_use]
    pub fn is_kind_of(&self, layout: &Layout) -> bool {
        match (self, layout) {
            (OwnedLayout::Option(_), Layout::Option(_))
            | (OwnedLayout::Vec(_), Layout::Vec(_))
            | (OwnedLayout::Array(..), Layout::Array(..))
            | (OwnedLayout::Result(..), Layout::Result(..))
            | (OwnedLayout::Tuple(_), Layout::Tuple(_)) => true,
            // `previous` may turn a struct into an enum and back.
            _ => self.version().is_some() && layout.version().is_some(),
        }
    }
}

fn fields_are(stored: &[OwnedField], fields: &[Field]) -> bool {
    stored.len() == fields.len()
        && stored.iter().zip(fields).all(|(a, b)| a.name == b.name && a.layout.is(b.layout))
}

impl Layout {
    /// Returns `true` if the layout is a derived type, which may have previous versions, or
    /// contains one.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "constant evaluation has no iterators, and the code's own types are not read from memory"
    )]
    pub const fn evolves(&self) -> bool {
        match self {
            Layout::Struct { .. } | Layout::Enum { .. } => true,
            Layout::Option(inner) | Layout::Vec(inner) | Layout::Array(inner, _) => inner.evolves(),
            Layout::Result(ok, err) => ok.evolves() || err.evolves(),
            Layout::Tuple(parts) => {
                let mut i = 0;
                while i < parts.len() {
                    if parts[i].evolves() {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Blob, StableLayout, Text};

    #[test]
    fn a_layout_is_itself_and_no_other() {
        let layouts: [&Layout; 14] = [
            u8::LAYOUT,
            i8::LAYOUT,
            <core::num::NonZeroU8>::LAYOUT,
            String::LAYOUT,
            <Vec<u8>>::LAYOUT,
            <Vec<u16>>::LAYOUT,
            <Option<u8>>::LAYOUT,
            <Result<u8, u16>>::LAYOUT,
            <Result<u16, u8>>::LAYOUT,
            <[u8; 2]>::LAYOUT,
            <[u8; 3]>::LAYOUT,
            <(u8, String)>::LAYOUT,
            <Blob<3>>::LAYOUT,
            <Text<3>>::LAYOUT,
        ];
        for (i, a) in layouts.iter().enumerate() {
            for (j, b) in layouts.iter().enumerate() {
                assert_eq!(OwnedLayout::from(*a).is(b), i == j, "{a:?} {b:?}");
                assert_eq!(a.fingerprint() == b.fingerprint(), i == j, "{a:?} {b:?}");
            }
        }
    }
}
