//! Recipes for reading old layouts. Made once, when a store is opened; followed for each old
//! record.

use crate::layout::record::{RecordReader, head_size, u32_at};
use crate::layout::{Invalid, StableLayout};

/// How to read values of one stored layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The constant size of the stored encoding, if it has one.
    pub size: Option<usize>,
    /// The conversion of the bytes.
    pub how: How,
}

/// The conversion of the bytes of a stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// They are in the newest layout.
    Same,
    /// A container whose elements were stored in older layouts.
    Parts(Vec<Plan>),
    /// A struct in an older version.
    Struct(RecordPlan),
    /// An enum in an older version, by stored tag.
    Enum(Vec<VariantPlan>),
    /// Read by the type named in `previous`, then converted.
    Previous(Box<Plan>),
    /// Not at all: the check has reported why.
    Refused,
}

/// The locations of the fields of the current struct in a stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// Bytes of the stored head.
    pub head: usize,
    /// By position in the newest type; `None` for a field that was not there yet.
    pub fields: Vec<Option<FieldPlan>>,
}

/// The location of one field in a stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlan {
    /// Its offset in the head.
    pub at: usize,
    /// Offset in the head of the end of the dynamic field before it.
    pub after: Option<usize>,
    /// How many conversions make it a value of the newest type.
    pub step: u16,
    /// How to read it.
    pub plan: Plan,
}

/// A field of a stored record before its conversions.
#[derive(Debug, Clone, Copy)]
pub struct OldField<'a, 'p> {
    /// How many conversions make it a value of the newest type.
    pub step: u16,
    /// How to read it.
    pub plan: &'p Plan,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A variant of a stored enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantPlan {
    /// The stored tag.
    pub tag: u8,
    /// Position of the variant in the newest type; removed ones follow.
    pub variant: usize,
    /// Its fields.
    pub record: RecordPlan,
}

impl Plan {
    /// The plan of a layout that is the newest one.
    #[must_use]
    pub const fn same(size: Option<usize>) -> Plan {
        Plan { size, how: How::Same }
    }

    /// The plan of a layout that cannot be read.
    #[must_use]
    pub const fn refused() -> Plan {
        Plan { size: None, how: How::Refused }
    }

    /// Returns whether the stored layout is the newest one.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self.how, How::Same)
    }

    /// The plans of a container's elements, if any is old.
    #[must_use]
    pub fn parts(&self) -> Option<&[Plan]> {
        match &self.how {
            How::Parts(parts) => Some(parts),
            _ => None,
        }
    }

    /// The variant that the tag of an old enum stands for, and the bytes of its fields.
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
    /// Reads the field at `index` of the newest type, or `None` if the record is older than the
    /// field.
    ///
    /// # Errors
    /// [`Invalid`] where its bytes are not there or no value.
    pub fn field<T: StableLayout>(&self, index: usize, bytes: &[u8]) -> Result<Option<T>, Invalid> {
        match self.fields.get(index) {
            Some(Some(field)) => T::decode_old(&field.plan, self.slice(field, bytes)?).map(Some),
            _ => Ok(None),
        }
    }

    /// The field at `index` of the newest type before its conversions: how many there are, how to
    /// read it, and its bytes. `None` if the record is older than the field.
    ///
    /// # Errors
    /// [`Invalid`] where its bytes are not there.
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
    /// [`Invalid`] where its bytes are not there or no value.
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

    /// Lays out stored fields one after another, each with the position of the newest field that
    /// comes from it and the conversions in between; `None` for one that was removed.
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
    /// [`Invalid`] where its bytes are not there or no value.
    pub fn old_field<T: StableLayout>(&mut self, plan: &Plan) -> Result<T, Invalid> {
        T::decode_old(plan, self.bytes(plan.size)?)
    }
}
