//! The names of all problems. `docs/evolution.md` has an example of each.

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal)*) => {
        /// The rule that a problem breaks. The names are stable: tools and people may rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// All rules, in the order of the documentation.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule),*];

            /// Returns the stable name, as in `field-added`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }
        }
    };
}

rules! {
    /// The code has a field that the stored version lacks.
    FieldAdded "field-added"
    /// The stored version has a field that the code lacks.
    FieldRemoved "field-removed"
    /// A field has another name than in the stored version.
    FieldRenamed "field-renamed"
    /// Fields have another order than in the stored version.
    FieldMoved "field-moved"
    /// The code has a variant that the stored version lacks.
    VariantAdded "variant-added"
    /// The stored version has a variant that the code lacks.
    VariantRemoved "variant-removed"
    /// A variant has another name than in the stored version.
    VariantRenamed "variant-renamed"
    /// A variant has another tag than in the stored version.
    VariantRetagged "variant-retagged"
    /// A number takes more bytes than it did.
    NumberWidened "number-widened"
    /// A number takes fewer bytes than it did.
    NumberNarrowed "number-narrowed"
    /// A number became signed, or is no longer signed.
    NumberSignChanged "number-sign-changed"
    /// A number is of another kind: integer, float, `bool` or `char`.
    NumberKindChanged "number-kind-changed"
    /// A number may no longer be zero.
    NonZeroAdded "non-zero-added"
    /// A number may be zero and could not be before.
    NonZeroRemoved "non-zero-removed"
    /// Text has a bound and had none before.
    TextBounded "text-bounded"
    /// Text had a bound and has none.
    TextUnbounded "text-unbounded"
    /// Text has another bound.
    TextBoundChanged "text-bound-changed"
    /// Bytes have a bound and had none before.
    BytesBounded "bytes-bounded"
    /// Bytes had a bound and have none.
    BytesUnbounded "bytes-unbounded"
    /// Bytes have another bound.
    BytesBoundChanged "bytes-bound-changed"
    /// Text became bytes, or bytes became text.
    TextOrBytes "text-or-bytes"
    /// A value may be absent and could not be before.
    OptionAdded "option-added"
    /// A value may no longer be absent.
    OptionRemoved "option-removed"
    /// A single value became a list of such values.
    ListAdded "list-added"
    /// A list became a single value.
    ListRemoved "list-removed"
    /// An array has another length.
    ArrayLengthChanged "array-length-changed"
    /// An array became a list of any length, or a list became an array.
    ArrayOrList "array-or-list"
    /// A tuple has more or fewer parts.
    TupleLengthChanged "tuple-length-changed"
    /// A value was wrapped in a struct.
    NewtypeAdded "newtype-added"
    /// A value was taken out of its struct.
    NewtypeRemoved "newtype-removed"
    /// A struct became an enum.
    StructToEnum "struct-to-enum"
    /// An enum became a struct.
    EnumToStruct "enum-to-struct"
    /// The stored derived type was replaced by one that has nothing in common with it.
    TypeReplaced "type-replaced"
    /// Another codec wrote the bytes.
    CodecChanged "codec-changed"
    /// A value has another type than the stored one.
    TypeChanged "type-changed"
    /// The stored version is newer than the code.
    VersionNewer "version-newer"
    /// The stored version is older than the history that the code declares.
    VersionForgotten "version-forgotten"
    /// A root is stored that the code does not declare.
    RootUndeclared "root-undeclared"
    /// A root was renamed, and both names are stored.
    RootRenamedTwice "root-renamed-twice"
    /// A root is stored as another kind of collection.
    KindChanged "kind-changed"
    /// A root has more layouts than it can tell apart.
    TooManyLayouts "too-many-layouts"
    /// A key is of another type.
    KeyChanged "key-changed"
    /// A part was added to a key.
    KeyPartAdded "key-part-added"
    /// A part of a key was removed.
    KeyPartRemoved "key-part-removed"
    /// A part of a key has another name.
    KeyPartRenamed "key-part-renamed"
    /// The key of a table's rows is another field, or a field with other values.
    KeyFieldChanged "key-field-changed"
    /// Rows break the rule of an index that is made when the store is opened.
    IndexBroken "index-broken"
    /// The parts of a key have another order.
    KeyPartMoved "key-part-moved"
    /// A key has the opposite order.
    KeyReversed "key-reversed"
    /// The variants of a key changed, or have other tags.
    KeyVariantChanged "key-variant-changed"
    /// A version differs from what `graven.lock` says.
    LockDiffers "lock-differs"
    /// A version is not in `graven.lock` yet.
    LockMissing "lock-missing"
    /// A version in `graven.lock` is no longer in the code.
    LockForgotten "lock-forgotten"
    /// An entry of `graven.lock` was edited by hand.
    LockEdited "lock-edited"
    /// A root has a name that an earlier release dropped or renamed.
    RootNameReused "root-name-reused"
    /// Two types have the same name.
    NameTaken "name-taken"
}
