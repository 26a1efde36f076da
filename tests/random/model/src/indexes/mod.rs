//! The indexes of a table's rows, as each release declares them: of which field, by which function,
//! and of which rows ([`choice`] chooses them). This file says which values a row has in them.

mod choice;
mod source;

use crate::body::{Field, Record};
use crate::history::At;
use crate::rng::Rng;
use crate::value::Value;

pub(crate) use source::Functions;

/// The positions of a table's indexes. What is fixed about a position in all releases is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Not unique.
    First,
    /// Not unique.
    Second,
    /// Unique, and made by the sweep. Each row has one value.
    Unique,
    /// Unique, and made when the store is opened.
    AtUpgrade,
    /// Several values for each row.
    Each,
    /// With a field of the row in its entries.
    Covering,
    /// A reference to a row of another table.
    Parent,
    /// A reference to a row of the same table.
    Itself,
}

impl Slot {
    /// All positions, in their order.
    pub const ALL: [Slot; 8] = [
        Slot::First,
        Slot::Second,
        Slot::Unique,
        Slot::AtUpgrade,
        Slot::Each,
        Slot::Covering,
        Slot::Parent,
        Slot::Itself,
    ];

    /// Returns `true` if no two rows have the same value.
    #[must_use]
    pub const fn is_unique(self) -> bool {
        matches!(self, Slot::Unique | Slot::AtUpgrade)
    }

    /// Returns `true` if rows refer to other rows by the values.
    #[must_use]
    pub const fn is_reference(self) -> bool {
        matches!(self, Slot::Parent | Slot::Itself)
    }
}

/// The references of a release's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// There are none.
    None,
    /// A row of the other table stays while rows refer to it.
    Restrict,
    /// Rows go with the row of the other table. A row stays while others of its table refer to it.
    CascadeAndRestrict,
    /// A row of the other table stays while rows refer to it. Rows go with the row of their own
    /// table to which they refer.
    RestrictAndCascade,
}

impl References {
    const ALL: [References; 4] = [
        References::None,
        References::Restrict,
        References::CascadeAndRestrict,
        References::RestrictAndCascade,
    ];

    /// Returns `true` if a row goes with the one to which it refers by the reference of a slot.
    #[must_use]
    pub fn cascades(self, slot: Slot) -> bool {
        match slot {
            Slot::Parent => self == References::CascadeAndRestrict,
            _ => self == References::RestrictAndCascade,
        }
    }

    fn has(self, slot: Slot) -> bool {
        match slot {
            Slot::Parent => self != References::None,
            Slot::Itself => matches!(self, References::CascadeAndRestrict | References::RestrictAndCascade),
            _ => true,
        }
    }
}

/// A function of a field's encoding, as a user may write one: its values are `0..modulus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    salt: u64,
    modulus: u64,
}

impl Function {
    /// Returns what the function returns for an encoded field.
    #[must_use]
    pub fn of(&self, bytes: &[u8]) -> u64 {
        // FNV-1a, whose upper bits are mixed best.
        let start = 0xcbf2_9ce4_8422_2325 ^ self.salt;
        let mixed =
            bytes.iter().fold(start, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % self.modulus
    }

    /// Returns `true` if a row with this encoded field has entries, in an index with this
    /// condition.
    #[must_use]
    pub fn is_met(&self, bytes: &[u8]) -> bool {
        self.of(bytes) != 0
    }

    /// Returns the key of the row to which a row with this encoded field refers.
    #[must_use]
    pub fn target(&self, bytes: &[u8]) -> Option<u64> {
        self.of(bytes).checked_sub(self.modulus / 4)
    }
}

/// The values of a row in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A field.
    Field,
    /// Each value in a field.
    Each,
    /// A function of a field.
    By(Function),
}

/// The declaration of an index.
#[derive(Debug, Clone)]
pub struct Index {
    /// The position.
    pub slot: Slot,
    /// The name, without that of the table.
    pub name: String,
    /// How the values follow from a row, in words.
    pub definition: String,
    /// The values.
    pub source: Source,
    /// The field whose values they are, or the function's.
    pub(crate) field: Field,
    /// The rows that have entries, by a function of a field.
    pub(crate) only: Option<(Field, Function)>,
    /// The field that entries have beside their value.
    pub(crate) included: Option<Field>,
}

impl Index {
    /// Returns `true` if another release declares the same index, so that it may stay.
    #[must_use]
    pub fn is_declared_as(&self, other: &Index) -> bool {
        let included = |index: &Index| index.included.as_ref().map(|field| field.id);
        self.name == other.name
            && self.definition == other.definition
            && self.slot.is_unique() == other.slot.is_unique()
            && included(self) == included(other)
    }

    /// Returns the condition of the rows that have entries.
    #[must_use]
    pub fn condition(&self) -> Option<&Function> {
        self.only.as_ref().map(|(_, function)| function)
    }

    /// Returns the function whose values they are.
    ///
    /// # Panics
    /// If they are those of a field.
    #[must_use]
    pub fn function(&self) -> &Function {
        match &self.source {
            Source::By(function) => function,
            other => panic!("no function: {other:?}"),
        }
    }

    /// Returns `true` if each row has one value.
    #[must_use]
    pub fn is_of_all_rows(&self) -> bool {
        self.only.is_none() && self.source != Source::Each
    }
}

impl<'h> At<'h> {
    /// Returns the references of the rows.
    #[must_use]
    pub fn references(self) -> References {
        let references = References::ALL[self.era(Slot::Parent).index(References::ALL.len())];
        if self.row().is_some_and(choice::can_refer) { references } else { References::None }
    }

    /// Returns the indexes, if values are rows of a table. An index stays from one release to the
    /// next, comes, goes, or becomes another one.
    #[must_use]
    pub fn indexes(self) -> Vec<Index> {
        let mut all: Vec<Index> = Vec::new();
        let Some(record) = self.row() else { return all };
        for slot in Slot::ALL.into_iter().filter(|slot| self.references().has(*slot)) {
            let Some(mut index) = choice::index(self, record, slot, self.era(slot)) else { continue };
            if all.iter().any(|other| other.name == index.name) {
                index.name = format!("{} {}", index.name, slot as usize);
            }
            all.push(index);
        }
        all
    }

    /// Returns the values of a row in an index, each of them once.
    #[must_use]
    pub fn values(self, index: &Index, row: &Value) -> Vec<Value> {
        if let Some((field, function)) = &index.only
            && !function.is_met(&self.encode(&field.ty, part(row, field)))
        {
            return Vec::new();
        }
        match (&index.source, part(row, &index.field)) {
            (Source::Field, value) => vec![value.clone()],
            (Source::By(function), value) => {
                let bytes = self.encode(&index.field.ty, value);
                let number = |number: u64| Value::Uint(number.into());
                vec![if index.slot.is_reference() {
                    Value::Opt(function.target(&bytes).map(|key| Box::new(number(key))))
                } else {
                    number(function.of(&bytes))
                }]
            }
            (Source::Each, Value::Bytes(bytes)) => {
                unique(bytes.iter().map(|byte| Value::Uint((*byte).into())).collect())
            }
            (Source::Each, Value::List(values)) => unique(values.clone()),
            (Source::Each, Value::Opt(value)) => value.iter().map(|value| (**value).clone()).collect(),
            other => panic!("no values of the index: {other:?}"),
        }
    }

    fn row(self) -> Option<&'h Record> {
        if self.history.is_of_rows() { self.body(0).record(None) } else { None }
    }

    /// Returns random numbers that are the same for a slot in several releases, until it changes.
    fn era(self, slot: Slot) -> Rng {
        let seed = self.history.genome.seed.wrapping_mul(43).wrapping_add(slot as u64);
        let changes = |release: &usize| Rng::new(seed ^ (*release as u64) << 32).once_in(3);
        let era = (1..=self.release).filter(changes).count() as u64;
        Rng::new(seed ^ era << 48 ^ 0x0bad_cafe)
    }
}

fn unique(mut values: Vec<Value>) -> Vec<Value> {
    values.sort();
    values.dedup();
    values
}

/// Returns a field of a row.
fn part<'v>(row: &'v Value, field: &Field) -> &'v Value {
    let Value::Struct(fields) = row else { panic!("a row is a struct: {row:?}") };
    &fields.iter().find(|(id, _)| *id == field.id).expect("the row has the field").1
}
