//! Values of whichever type the current release of the running history has, as their bytes.

use std::cell::Cell;

use graven::StableLayout;
use graven::schema::{CollectionKind, RootSpec};
use graven::schema::{History, Plan};
use graven::schema::{Invalid, Layout, encode};

use crate::code::IndexCode;

/// The functions of a release's type, out of those that `StableLayout` requires.
#[derive(Clone, Copy)]
pub struct Release {
    layout: &'static Layout,
    history: &'static History,
    recode: fn(&[u8]) -> Result<Vec<u8>, Invalid>,
    convert: fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>,
    /// The indexes, if values are rows of a table.
    pub(crate) indexes: Option<&'static [IndexCode]>,
}

impl Release {
    /// That of a type.
    #[must_use]
    pub const fn of<T: StableLayout>() -> Release {
        Release {
            layout: T::LAYOUT,
            history: T::HISTORY,
            recode: |bytes| T::decode(bytes).map(|value| encode(&value)),
            convert: |plan, bytes| T::decode_old(plan, bytes).map(|value| encode(&value)),
            indexes: None,
        }
    }

    /// Returns the same with indexes of a table.
    #[must_use]
    pub const fn with_indexes(self, indexes: &'static [IndexCode]) -> Release {
        Release { indexes: Some(indexes), ..self }
    }

    /// Returns the constant size of values.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.layout.size()
    }

    /// Returns the root of a map of such values, or of a table.
    #[must_use]
    pub fn spec(&self) -> RootSpec {
        let kind = if self.indexes.is_some() { CollectionKind::Table } else { CollectionKind::BTreeMap };
        RootSpec {
            value: self.layout,
            value_fingerprint: self.layout.fingerprint(),
            history: self.history,
            ..RootSpec::new::<Any<DYNAMIC>>("map", kind, Some(<u64 as graven::StableKey>::KEY))
        }
    }

    /// Returns `true` if both store the same bytes.
    #[must_use]
    pub fn is_same(&self, other: &Release) -> bool {
        self.layout.fingerprint() == other.layout.fingerprint()
    }

    /// From now on values of this thread are of this release.
    pub fn enter(&self) {
        CURRENT.set(Some(*self));
    }
}

thread_local! {
    static CURRENT: Cell<Option<Release>> = const { Cell::new(None) };
}

pub(crate) fn current() -> Release {
    CURRENT.get().expect("a release was entered")
}

/// In place of a size: values are of any.
pub const DYNAMIC: usize = usize::MAX;

/// A value, encoded by the current release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Any<const SIZE: usize>(pub Vec<u8>);

impl<const SIZE: usize> StableLayout for Any<SIZE> {
    const LAYOUT: &'static Layout = <() as StableLayout>::LAYOUT;

    const SIZE: Option<usize> = if SIZE == DYNAMIC { None } else { Some(SIZE) };

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let again = (current().recode)(bytes)?;
        assert_eq!(again, bytes, "a value was encoded in another way after it was decoded");
        Ok(Any(again))
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        (current().convert)(plan, bytes).map(Any)
    }
}
