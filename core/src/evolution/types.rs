//! Problems of values whose type is not the stored one: the kind of change, and the attribute that
//! would declare it.

use super::check::{At, Check, Step, Version};
use super::corrections::{self, newest_field};
use super::{Derived, FieldHistory, History, Plan, Rule, VariantHistory};
use crate::layout::Prim;
use crate::layout::stored::{OwnedField, OwnedLayout, OwnedVariant};

impl Check {
    /// Reports a stored layout that a type's history does not read. Returns a plan that refuses it.
    pub(super) fn mismatch(&mut self, stored: &OwnedLayout, history: &'static History, at: &At<'_>) -> Plan {
        let newest = OwnedLayout::from(history);
        let rule = classify(stored, &newest);
        let field = at.outwards().take_while(|step| !matches!(step, Step::Version(_)));
        let field = field.into_iter().find_map(|step| match step {
            Step::Field { stored, spec, forms } => Some((*stored, *spec, *forms)),
            _ => None,
        });
        // A type that keeps its name has to declare its own change.
        let itself = history.derived().is_some() && stored.to_string() == newest.to_string();
        match (field, at.version()) {
            (Some((was, spec, forms)), Some(version)) if !itself => {
                let whole = if core::ptr::eq(was, stored) { Some(rule) } else { None };
                self.field_mismatch(rule, whole, was, spec, forms, version, at);
            }
            _ => self.root_mismatch(rule, stored, &newest, history, at),
        }
        Plan::refused()
    }

    #[allow(clippy::too_many_arguments)]
    fn field_mismatch(
        &mut self,
        rule: Rule,
        whole: Option<Rule>,
        was: &OwnedLayout,
        spec: &FieldHistory,
        forms: &[FieldHistory],
        version: &Version<'_>,
        at: &At<'_>,
    ) {
        let (name, is) = (spec.name, OwnedLayout::from(spec.history));
        let what = format!("field `{name}` of {} was `{was}` and is `{is}`", version.subject());
        let with = match whole {
            Some(rule) => conversion(rule, was, &is),
            None => Some("|old| …".to_owned()),
        };
        let with = with.map(|with| format!(", with = {with}")).unwrap_or_default();
        let fix = corrections::of_type(forms, spec, was, version.next()).unwrap_or_else(|| {
            format!(
                "{}add `#[layout(was({was}, until = {}{with}))]` to `{}`{}",
                version.bump(),
                version.next(),
                newest_field(forms, spec).unwrap_or(name),
                version.or_later(),
            )
        });
        self.problem_at(at, rule, what, version.because(), fix);
    }

    /// Reports a change of a root's value type, which no field can declare.
    fn root_mismatch(
        &mut self,
        rule: Rule,
        was: &OwnedLayout,
        is: &OwnedLayout,
        history: &'static History,
        at: &At<'_>,
    ) {
        let (was_kind, is_kind) =
            if rule == Rule::StructToEnum { ("a struct", "an enum") } else { ("an enum", "a struct") };
        let what = match (rule, was.version()) {
            (Rule::StructToEnum | Rule::EnumToStruct, Some(version)) => {
                format!("`{was}` version {version} was {was_kind}, and `{is}` is {is_kind}")
            }
            _ => format!("values were `{was}` and are `{is}`"),
        };
        let because = match was.version() {
            Some(version) => {
                format!("what was stored as `{was}` version {version} is no earlier version of `{is}`")
            }
            None => format!("what was stored as `{was}` cannot be read as `{is}`"),
        };
        let fix = root_fix(rule, was, is, history);
        self.problem_at(at, rule, what, because, fix);
    }
}

/// Returns the fix for a type that replaced another one.
fn root_fix(rule: Rule, was: &OwnedLayout, is: &OwnedLayout, history: &'static History) -> String {
    let old = match was.version() {
        Some(version) => format!("{was}V{version}"),
        None => was.to_string(),
    };
    let keep =
        if was.version().is_some() { format!("keep the old type as `{old}`, ") } else { String::new() };
    match history.derived() {
        Some(Derived { layout, .. }) => {
            let version = was.version().map_or(1, |version| version.saturating_add(1));
            let newest = layout.version().unwrap_or(1).max(version);
            format!(
                "{keep}add `#[layout(version = {newest}, previous = {old})]` to `{is}`, and say in `impl \
                 From<{old}> for {is}` what becomes of it"
            )
        }
        None if rule == Rule::CodecChanged => {
            "keep a type that reads the old codec, name it as `previous` of a \
                                               newtype of the new one, and say in `impl From` how its values \
                                               become new ones"
                .to_owned()
        }
        None => format!(
            "only types of your own have a history: {keep}wrap the new one, as in `#[layout(version = {}, \
             previous = {old})] struct Value({is})`, and add `impl From<{old}> for Value`",
            was.version().map_or(1, |version| version.saturating_add(1))
        ),
    }
}

/// Returns the `with = …` that a fix needs, or `None` if std's `From` converts.
fn conversion(rule: Rule, was: &OwnedLayout, is: &OwnedLayout) -> Option<String> {
    let float = matches!(is, OwnedLayout::Prim(Prim::F32));
    let with = match (rule, was, is) {
        (Rule::NumberWidened | Rule::OptionAdded | Rule::NonZeroRemoved, ..) => return None,
        (Rule::NumberNarrowed, ..) if float => "|old| old as f32",
        (Rule::NumberNarrowed | Rule::NumberSignChanged | Rule::NonZeroAdded, ..) => {
            "|old| old.try_into().unwrap_or(…)"
        }
        (Rule::OptionRemoved, ..) if has_default(is) => "Option::unwrap_or_default",
        (Rule::OptionRemoved, ..) => "|old| old.unwrap_or(…)",
        (Rule::ListAdded, ..) => "|old| vec![old]",
        (Rule::ArrayOrList, OwnedLayout::Array(was, _), OwnedLayout::Vec(is)) if was == is => "Vec::from",
        (Rule::TextUnbounded | Rule::BytesUnbounded, ..) => "|old| old.into_inner()",
        (Rule::TextBounded, ..) => "|old| Text::new(old).unwrap_or(…)",
        (Rule::TextBoundChanged, ..) => "|old| Text::new(old.into_inner()).unwrap_or(…)",
        (Rule::BytesBounded, ..) => "|old| Blob::new(old).unwrap_or(…)",
        (Rule::BytesBoundChanged, ..) => "|old| Blob::new(old.into_inner()).unwrap_or(…)",
        (Rule::TextOrBytes, OwnedLayout::String, _) => "String::into_bytes",
        (Rule::NewtypeAdded, _, OwnedLayout::Struct { name, fields, .. }) => {
            return match fields.as_slice() {
                [field] if field.name != "0" => Some(format!("|old| {name} {{ {}: old }}", field.name)),
                _ => Some(name.clone()),
            };
        }
        (Rule::NewtypeRemoved, OwnedLayout::Struct { fields, .. }, _) => {
            return fields.first().map(|field| format!("|old| old.{}", field.name));
        }
        _ => "|old| …",
    };
    Some(with.to_owned())
}

/// Returns `true` if a type has `Default`, as far as its layout shows.
fn has_default(layout: &OwnedLayout) -> bool {
    match layout {
        OwnedLayout::Prim(_)
        | OwnedLayout::Duration
        | OwnedLayout::String
        | OwnedLayout::Option(_)
        | OwnedLayout::Vec(_) => true,
        OwnedLayout::Text(_) | OwnedLayout::Blob(_) => true,
        OwnedLayout::Array(inner, len) => *len <= 32 && has_default(inner),
        OwnedLayout::Tuple(parts) => parts.len() <= 12 && parts.iter().all(has_default),
        _ => false,
    }
}

/// Returns the rule for a change of types.
pub(super) fn classify(was: &OwnedLayout, is: &OwnedLayout) -> Rule {
    match (was, is) {
        (OwnedLayout::Prim(was), OwnedLayout::Prim(is)) => numbers(*was, *is),
        (OwnedLayout::NonZero(was), OwnedLayout::NonZero(is)) => numbers(*was, *is),
        (OwnedLayout::Prim(was), OwnedLayout::NonZero(is)) if was == is => Rule::NonZeroAdded,
        (OwnedLayout::NonZero(was), OwnedLayout::Prim(is)) if was == is => Rule::NonZeroRemoved,
        (OwnedLayout::String, OwnedLayout::Text(_)) => Rule::TextBounded,
        (OwnedLayout::Text(_), OwnedLayout::String) => Rule::TextUnbounded,
        (OwnedLayout::Text(_), OwnedLayout::Text(_)) => Rule::TextBoundChanged,
        (was, OwnedLayout::Blob(_)) if is_bytes(was) => Rule::BytesBounded,
        (OwnedLayout::Blob(_), is) if is_bytes(is) => Rule::BytesUnbounded,
        (OwnedLayout::Blob(_), OwnedLayout::Blob(_)) => Rule::BytesBoundChanged,
        (OwnedLayout::String, is) if is_bytes(is) => Rule::TextOrBytes,
        (was, OwnedLayout::String) if is_bytes(was) => Rule::TextOrBytes,
        (was, OwnedLayout::Option(is)) if **is == *was => Rule::OptionAdded,
        (OwnedLayout::Option(was), is) if **was == *is => Rule::OptionRemoved,
        (was, OwnedLayout::Vec(is)) if **is == *was => Rule::ListAdded,
        (OwnedLayout::Vec(was), is) if **was == *is => Rule::ListRemoved,
        (OwnedLayout::Array(..), OwnedLayout::Array(..)) => Rule::ArrayLengthChanged,
        (OwnedLayout::Array(..), OwnedLayout::Vec(_)) | (OwnedLayout::Vec(_), OwnedLayout::Array(..)) => {
            Rule::ArrayOrList
        }
        (OwnedLayout::Tuple(_), OwnedLayout::Tuple(_)) => Rule::TupleLengthChanged,
        (OwnedLayout::Opaque { .. }, OwnedLayout::Opaque { .. }) => Rule::CodecChanged,
        (OwnedLayout::Struct { .. }, OwnedLayout::Enum { .. }) => Rule::StructToEnum,
        (OwnedLayout::Enum { .. }, OwnedLayout::Struct { .. }) => Rule::EnumToStruct,
        (OwnedLayout::Struct { .. }, OwnedLayout::Struct { .. })
        | (OwnedLayout::Enum { .. }, OwnedLayout::Enum { .. }) => Rule::TypeReplaced,
        (was, OwnedLayout::Struct { fields, .. }) if wraps(fields, was) => Rule::NewtypeAdded,
        (OwnedLayout::Struct { fields, .. }, is) if wraps(fields, is) => Rule::NewtypeRemoved,
        _ => Rule::TypeChanged,
    }
}

fn is_bytes(layout: &OwnedLayout) -> bool {
    matches!(layout, OwnedLayout::Vec(inner) if **inner == OwnedLayout::Prim(Prim::U8))
}

fn wraps(fields: &[OwnedField], inner: &OwnedLayout) -> bool {
    matches!(fields, [field] if field.layout == *inner)
}

fn numbers(was: Prim, is: Prim) -> Rule {
    let kind = |prim: Prim| match prim.name().as_bytes() {
        [b'u', ..] => 0,
        [b'i', ..] => 1,
        [b'f', ..] => 2,
        b"bool" => 3,
        _ => 4,
    };
    match (kind(was), kind(is)) {
        (a, b) if a == b && was.size() < is.size() => Rule::NumberWidened,
        (a, b) if a == b => Rule::NumberNarrowed,
        // All values of a smaller unsigned number fit into a larger signed one.
        (0, 1) if was.size() < is.size() => Rule::NumberWidened,
        (0, 1) | (1, 0) => Rule::NumberSignChanged,
        _ => Rule::NumberKindChanged,
    }
}

impl From<&History> for OwnedLayout {
    /// Returns the stored form of the current layout.
    fn from(history: &History) -> OwnedLayout {
        let boxed = |inner: &History| Box::new(OwnedLayout::from(inner));
        match history {
            History::Plain(layout) => OwnedLayout::from(*layout),
            History::Option(inner) => OwnedLayout::Option(boxed(inner)),
            History::Vec(inner) => OwnedLayout::Vec(boxed(inner)),
            History::Array(inner, len) => OwnedLayout::Array(boxed(inner), *len),
            History::Result(ok, err) => OwnedLayout::Result(boxed(ok), boxed(err)),
            History::Tuple(parts) => {
                OwnedLayout::Tuple(parts.iter().map(|part| OwnedLayout::from(*part)).collect())
            }
            History::Struct(spec) => OwnedLayout::from(spec.layout),
            History::Enum(spec) => OwnedLayout::from(spec.layout),
        }
    }
}

/// Returns the fields of one version of a record, with the current layouts of their types.
pub(super) fn fields_of(fields: &[FieldHistory], version: u32) -> Vec<OwnedField> {
    let fields = fields.iter().filter(|field| field.is_in(version));
    fields
        .map(|field| OwnedField { name: field.name.to_owned(), layout: OwnedLayout::from(field.history) })
        .collect()
}

/// Returns the variants of one version of an enum, ordered by tag.
pub(super) fn variants_of(variants: &[VariantHistory], version: u32) -> Vec<OwnedVariant> {
    let variants = variants.iter().filter(|variant| variant.is_in(version));
    let mut variants: Vec<OwnedVariant> = variants
        .map(|variant| OwnedVariant {
            name: variant.name.to_owned(),
            tag: variant.tag,
            fields: fields_of(variant.fields, version),
        })
        .collect();
    variants.sort_by_key(|variant| variant.tag);
    variants
}

impl History {
    /// Returns the layout of one version of a derived type, with its parts in their current
    /// layouts. Returns `None` for a version that the type does not describe itself.
    #[must_use]
    pub fn layout_of(&self, version: u32) -> Option<OwnedLayout> {
        let Derived { layout, first, .. } = self.derived()?;
        if version < first || version > layout.version()? {
            return None;
        }
        let name = layout.name().to_owned();
        match self {
            History::Struct(spec) => {
                Some(OwnedLayout::Struct { name, version, fields: fields_of(spec.fields, version) })
            }
            History::Enum(spec) => {
                Some(OwnedLayout::Enum { name, version, variants: variants_of(spec.variants, version) })
            }
            _ => None,
        }
    }
}
