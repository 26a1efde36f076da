//! Decoding of values in previous layouts, by the plans that `evolution` makes for them.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use super::record::{RecordReader, u32_at};
use super::{Invalid, StableLayout};
use crate::evolution::{FieldPlan, OldField, Plan, RecordPlan, VariantPlan};

impl Plan {
    /// Returns the index of the variant in the current type, the plan for its fields, and the bytes
    /// of its fields. Removed variants have the indices after the current ones.
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
    /// [`Invalid`] if its bytes are missing or are not a value of the type.
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
    /// [`Invalid`] if its bytes are missing or are not a value of the type.
    pub fn required<T: StableLayout>(&self, index: usize, bytes: &[u8]) -> Result<T, Invalid> {
        self.field(index, bytes)?.ok_or(Invalid("a record lacks a field that all versions have"))
    }

    fn slice<'a>(&self, field: &FieldPlan, bytes: &'a [u8]) -> Result<&'a [u8], Invalid> {
        let outside = Invalid("a field ends behind its record");
        if let Some(size) = field.plan.size {
            let rest = bytes.get(field.at..).ok_or(outside)?;
            return rest.get(..size).ok_or(outside);
        }
        let start = match field.after {
            Some(at) => u32_at(bytes, at)? as usize,
            None => 0,
        };
        let end = u32_at(bytes, field.at)? as usize;
        bytes.get(self.head..).and_then(|tail| tail.get(start..end)).ok_or(outside)
    }
}

impl RecordReader<'_> {
    /// Reads the next field, which was stored as `plan` says.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing or are not a value of the type.
    pub fn old_field<T: StableLayout>(&mut self, plan: &Plan) -> Result<T, Invalid> {
        T::decode_old(plan, self.bytes(plan.size)?)
    }
}
