//! Plans for reading previous layouts. Opening a store creates them once. They read every record in
//! a previous layout.

/// A plan for reading values of one stored layout.
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
    /// No conversion: the bytes are in the current layout.
    Identity,
    /// A container with elements in previous layouts.
    Parts(Vec<Plan>),
    /// A struct in a previous version.
    Struct(RecordPlan),
    /// An enum in a previous version, by stored tag.
    Enum(Vec<VariantPlan>),
    /// A value that the type named in `previous` reads, and that is then converted.
    Previous(Box<Plan>),
    /// No conversion is possible. The check has reported why.
    Refused,
}

/// The locations of the fields of the current struct in a stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// The size of the stored head in bytes.
    pub head: usize,
    /// The fields by position in the current type, or `None` for one that the stored version did
    /// not have yet.
    pub fields: Vec<Option<FieldPlan>>,
    /// `true` if each name that the stored version and the current one have is that of the same
    /// field.
    pub keeps_names: bool,
}

/// The location of one field in a stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlan {
    /// The field's offset in the head.
    pub at: usize,
    /// The offset in the head of the end of the dynamic field before it.
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
    /// The variant's position in the current type. Removed ones follow.
    pub variant: usize,
    /// `true` if the current type does not have the variant, so that the user's code replaces it.
    pub is_removed: bool,
    /// `true` if the current type has no other variant under its name.
    pub keeps_name: bool,
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

    /// Returns `true` if a conversion only moves fields and fills in the defaults of new ones, and
    /// runs none of the functions and `From` implementations of the user.
    #[must_use]
    pub fn is_structural(&self) -> bool {
        match &self.conversion {
            Conversion::Identity => true,
            Conversion::Parts(parts) => parts.iter().all(Plan::is_structural),
            Conversion::Struct(record) => record.is_structural(),
            Conversion::Enum(variants) => {
                variants.iter().all(|variant| !variant.is_removed && variant.record.is_structural())
            }
            Conversion::Previous(_) | Conversion::Refused => false,
        }
    }

    /// Returns `true` if all that the stored layout and the current one call by the same name has
    /// the same value in both. What follows from these names stays true then.
    #[must_use]
    pub fn keeps_values(&self) -> bool {
        let keeps_names = match &self.conversion {
            Conversion::Identity | Conversion::Previous(_) | Conversion::Refused => true,
            Conversion::Parts(parts) => parts.iter().all(Plan::keeps_values),
            Conversion::Struct(record) => record.keeps_values(),
            Conversion::Enum(variants) => {
                variants.iter().all(|variant| variant.keeps_name && variant.record.keeps_values())
            }
        };
        keeps_names && self.is_structural()
    }

    /// Returns the plans for a container's elements if any is in a previous layout.
    #[must_use]
    pub fn parts(&self) -> Option<&[Plan]> {
        match &self.conversion {
            Conversion::Parts(parts) => Some(parts),
            _ => None,
        }
    }
}

impl RecordPlan {
    fn is_structural(&self) -> bool {
        self.fields.iter().flatten().all(|field| field.step == 0 && field.plan.is_structural())
    }

    fn keeps_values(&self) -> bool {
        self.keeps_names && self.fields.iter().flatten().all(|field| field.plan.keeps_values())
    }
}
