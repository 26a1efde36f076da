//! A row of whichever type. Which entries it has follows from the release that is open.

use graven::key::KeyBuf;
use graven::schema::{History, Invalid, Layout, Plan, RootSpec};
use graven::table::{Included, IndexSpec, Record, ReferenceSpec, RefersTo, Values};
use graven::{StableKey, StableLayout, Table};
use graven_core::key::decode_key;
use graven_core::store::links::Target;
use graven_random_model::Slot;

use super::declared::{write_included, write_target, write_values};
use crate::any::{Any, DYNAMIC};

/// A row of the other table.
#[derive(Debug, StableLayout, Table)]
#[layout(version = 1)]
pub(crate) struct Parent {
    #[table(key)]
    pub(crate) id: u64,
}

/// No references.
pub(crate) const NONE: u8 = 0;
/// As [`References::Restrict`](graven_random_model::References).
pub(crate) const RESTRICT: u8 = 1;
/// As [`References::CascadeAndRestrict`](graven_random_model::References).
pub(crate) const CASCADE_AND_RESTRICT: u8 = 2;
/// As [`References::RestrictAndCascade`](graven_random_model::References).
pub(crate) const RESTRICT_AND_CASCADE: u8 = 3;

/// A row. One that was decoded does not know its key. The parameter says which references there
/// are, since the type of a row decides that.
#[derive(Debug)]
pub(crate) struct Row<const REFERENCES: u8> {
    pub(crate) key: u64,
    pub(crate) value: Vec<u8>,
}

impl<const REFERENCES: u8> StableLayout for Row<REFERENCES> {
    const LAYOUT: &'static Layout = <() as StableLayout>::LAYOUT;

    const SIZE: Option<usize> = None;

    fn encoded_len(&self) -> usize {
        self.value.len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.value);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        Any::<DYNAMIC>::decode(bytes).map(|any| Row { key: 0, value: any.0 })
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        Any::<DYNAMIC>::decode_old(plan, bytes).map(|any| Row { key: 0, value: any.0 })
    }
}

/// The names of the indexes in violations. Those of the roots are the history's.
pub(crate) const NAMES: [&str; Slot::ALL.len()] =
    ["first", "second", "unique", "at_upgrade", "each", "covering", "parent", "itself"];

impl<const REFERENCES: u8> Row<REFERENCES> {
    const INCLUDED: &'static Included<Self> = &Included {
        fields: &[("included", None)],
        write: |row, out| write_included(Slot::Covering, &row.value, out),
    };

    /// All indexes, those of references last.
    const ALL: &'static [IndexSpec<Self>] = &[
        Self::index(Slot::First, |row, out| write_values(Slot::First, &row.value, out)),
        Self::index(Slot::Second, |row, out| write_values(Slot::Second, &row.value, out)),
        Self::index(Slot::Unique, |row, out| write_values(Slot::Unique, &row.value, out)),
        Self::index(Slot::AtUpgrade, |row, out| write_values(Slot::AtUpgrade, &row.value, out)),
        Self::index(Slot::Each, |row, out| write_values(Slot::Each, &row.value, out)),
        Self::index(Slot::Covering, |row, out| write_values(Slot::Covering, &row.value, out)),
        Self::index(Slot::Parent, |row, out| write_values(Slot::Parent, &row.value, out)),
        Self::index(Slot::Itself, |row, out| write_values(Slot::Itself, &row.value, out)),
    ];

    const fn index(slot: Slot, values: fn(&Self, &mut Values<'_>)) -> IndexSpec<Self> {
        IndexSpec {
            name: NAMES[slot as usize],
            is_unique: slot.is_unique(),
            definition: &History::Plain(<() as StableLayout>::LAYOUT),
            key: <() as StableKey>::KEY,
            key_size: None,
            fields: &[],
            is_each: matches!(slot, Slot::Each),
            included: if matches!(slot, Slot::Covering) { Some(Self::INCLUDED) } else { None },
            is_made_at_upgrade: matches!(slot, Slot::AtUpgrade),
            row: |entry| entry.get(entry.len().saturating_sub(8)..).ok_or(Invalid("an entry ends too early")),
            values,
        }
    }

    const fn reference(
        slot: Slot,
        cascades: bool,
        to: fn(&Self, &mut KeyBuf) -> bool,
    ) -> ReferenceSpec<Self> {
        ReferenceSpec {
            name: NAMES[slot as usize],
            index: slot as usize,
            cascades,
            is_optional: <Option<u64> as RefersTo<u64>>::IS_OPTIONAL,
            to,
            value: |key, out| {
                Some(decode_key::<u64>(key)?).write_key(out, false);
                Ok(())
            },
        }
    }

    const fn parent(cascades: bool) -> ReferenceSpec<Self> {
        Self::reference(Slot::Parent, cascades, |row, out| write_target(Slot::Parent, &row.value, out))
    }

    const fn itself(cascades: bool) -> ReferenceSpec<Self> {
        Self::reference(Slot::Itself, cascades, |row, out| write_target(Slot::Itself, &row.value, out))
    }
}

/// Returns the table of rows of a type. The compiler has not seen that the store has one.
const fn target(row: &'static str) -> Target {
    Target { row, missing: "", ambiguous: "" }
}

impl<const REFERENCES: u8> Record for Row<REFERENCES> {
    type Key = u64;

    const TYPE: &'static str = "Row";

    const KEY_LAYOUT: &'static Layout = &Layout::Struct { name: "Row", version: 0, fields: &[] };

    const INDEXES: &'static [IndexSpec<Self>] = match REFERENCES {
        NONE => Self::ALL.split_at(Slot::Parent as usize).0,
        RESTRICT => Self::ALL.split_at(Slot::Itself as usize).0,
        _ => Self::ALL,
    };

    const ROOTS: &'static [RootSpec] = &[
        Self::ALL[0].root(),
        Self::ALL[1].root(),
        Self::ALL[2].root(),
        Self::ALL[3].root(),
        Self::ALL[4].root(),
        Self::ALL[5].root(),
        Self::ALL[6].root(),
        Self::ALL[7].root(),
    ];

    const REFERENCES: &'static [ReferenceSpec<Self>] = match REFERENCES {
        NONE => &[],
        RESTRICT => &[Self::parent(false)],
        CASCADE_AND_RESTRICT => &[Self::parent(true), Self::itself(false)],
        _ => &[Self::parent(false), Self::itself(true)],
    };

    const TARGETS: &'static [Target] = match REFERENCES {
        NONE => &[],
        RESTRICT => &[target(Parent::TYPE)],
        _ => &[target(Parent::TYPE), target(Self::TYPE)],
    };

    const IS_NUMBERED: bool = false;

    fn has_same_values(_: &[u8], _: &[u8]) -> bool {
        false
    }

    fn write_key(&self, out: &mut KeyBuf) {
        self.key.write_key(out, true);
    }

    fn set_number(&mut self, number: u64) {
        self.key = number;
    }
}
