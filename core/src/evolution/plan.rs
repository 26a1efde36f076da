//! Recipes for reading previous layouts. Opening a store makes them once, and every record in a
//! previous layout is read by one.

use crate::layout::record::{RecordReader, head_size, u32_at};
use crate::layout::{Invalid, StableLayout};

/// A recipe for reading values of one stored layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The constant size of the stored encoding, if it has one.
    pub size: Option<usize>,
    /// The conversion of the bytes.
    pub conversion: Conversion,
}

/// A conversion of the bytes of a stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// None: they are in the current layout.
    Identity,
    /// A container whose elements were stored in older layouts.
    Parts(Vec<Plan>),
    /// A struct in an older version.
    Struct(RecordPlan),
    /// An enum in an older version, by stored tag.
    Enum(Vec<VariantPlan>),
    /// Read by the type named in `previous`, then converted.
    Previous(Box<Plan>),
    /// None is possible: the check has reported why.
    Refused,
}

/// The locations of the fields of the current struct in a stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// Bytes of the stored head.
    pub head: usize,
    /// By position in the current type; `None` for a field that the stored version did not have
    /// yet.
    pub fields: Vec<Option<FieldPlan>>,
}

/// The location of one field in a stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlan {
    /// The field's offset in the head.
    pub at: usize,
    /// Offset in the head of the end of the dynamic field before it.
    pub after: Option<usize>,
    /// The number of conversions to the current type.
    pub step: u16,
    /// The plan for reading it.
    pub plan: Plan,
}

/// A field of a stored record before its conversions.
#[derive(Debug, Clone, Copy)]
pub struct OldField<'a, 'p> {
    /// The number of conversions to the current type.
    pub step: u16,
    /// The plan for reading it.
    pub plan: &'p Plan,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A variant of a stored enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantPlan {
    /// The stored tag.
    pub tag: u8,
    /// Position of the variant in the current type; removed ones follow.
    pub variant: usize,
    /// Its fields.
    pub record: RecordPlan,
}

impl Plan {
    /// Returns the plan for the current layout.
    #[must_use]
    pub const fn identity(size: Option<usize>) -> Plan {
        Plan { size, conversion: Conversion::Identity }
    }

    /// Returns the plan for a layout that cannot be read.
    #[must_use]
    pub const fn refused() -> Plan {
        Plan { size: None, conversion: Conversion::Refused }
    }

    /// Returns `true` if the stored layout is the current one.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self.conversion, Conversion::Identity)
    }

    /// Returns the plans for a container's elements, if any is in a previous layout.
    #[must_use]
    pub fn parts(&self) -> Option<&[Plan]> {
        match &self.conversion {
            Conversion::Parts(parts) => Some(parts),
            _ => None,
        }
    }

    /// Returns the variant of the tag that an enum in a previous layout has, and the bytes of its
    /// fields.
    ///
    /// # Errors
    /// [`Invalid`] for a tag that the stored layout does not have.
    pub fn variant<'a, 'p>(
        variants: &'p [VariantPlan],
        bytes: &'a [u8],
    ) -> Result<(usize, &'p RecordPlan, &'a [u8]), Invalid> {
        let unknown = Invalid("an enum has an unknown tag");
        let (tag, fields) = bytes.split_first().ok_or(unknown)?;
        let plan = variants.iter().find(|plan| plan.tag == *tag).ok_or(unknown)?;
        Ok((plan.variant, &plan.record, fields))
    }
}

impl RecordPlan {
    /// Reads the field at `index` of the current type. Returns `None` if the record is older than
    /// the field.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing or are no value of the type.
    pub fn field<T: StableLayout>(&self, index: usize, bytes: &[u8]) -> Result<Option<T>, Invalid> {
        match self.fields.get(index) {
            Some(Some(field)) => T::decode_old(&field.plan, self.slice(field, bytes)?).map(Some),
            _ => Ok(None),
        }
    }

    /// Returns the field at `index` of the current type before its conversions, or `None` if the
    /// record is older than the field.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing.
    pub fn stored<'a, 'p>(
        &'p self,
        index: usize,
        bytes: &'a [u8],
    ) -> Result<Option<OldField<'a, 'p>>, Invalid> {
        match self.fields.get(index) {
            Some(Some(field)) => {
                let FieldPlan { step, plan, .. } = field;
                Ok(Some(OldField { step: *step, plan, bytes: self.slice(field, bytes)? }))
            }
            _ => Ok(None),
        }
    }

    /// Reads a field that every version has.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing or are no value of the type.
    pub fn required<T: StableLayout>(&self, index: usize, bytes: &[u8]) -> Result<T, Invalid> {
        self.field(index, bytes)?.ok_or(Invalid("a record lacks a field that all versions have"))
    }

    fn slice<'a>(&self, field: &FieldPlan, bytes: &'a [u8]) -> Result<&'a [u8], Invalid> {
        let outside = Invalid("a field ends behind its record");
        if let Some(size) = field.plan.size {
            return bytes.get(field.at..field.at + size).ok_or(outside);
        }
        let start = match field.after {
            Some(at) => u32_at(bytes, at)? as usize,
            None => 0,
        };
        let end = u32_at(bytes, field.at)? as usize;
        bytes.get(self.head..).and_then(|tail| tail.get(start..end)).ok_or(outside)
    }

    /// Lays out stored fields one after another. Each comes with the position of the current field
    /// that it became and the number of conversions in between, or `None` if it was removed.
    pub(crate) fn place(stored: impl Iterator<Item = (Option<(u16, u16)>, Plan)>) -> RecordPlan {
        let mut record = RecordPlan { head: 0, fields: Vec::new() };
        let mut after = None;
        for (target, plan) in stored {
            let (at, size) = (record.head, plan.size);
            record.head += head_size(size);
            if let Some((index, step)) = target {
                let index = usize::from(index);
                record.fields.resize(record.fields.len().max(index + 1), None);
                record.fields[index] = Some(FieldPlan { at, after, step, plan });
            }
            if size.is_none() {
                after = Some(at);
            }
        }
        record
    }
}

impl RecordReader<'_> {
    /// Reads the next field, which was stored as `plan` says.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing or are no value of the type.
    pub fn old_field<T: StableLayout>(&mut self, plan: &Plan) -> Result<T, Invalid> {
        T::decode_old(plan, self.bytes(plan.size)?)
    }
}
