//! Reads a section from any source. Specs are constants everywhere else, so the result is leaked: a
//! tool reads one or two sections before it ends, and a canister reads none.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use super::{ENUM, FORMAT, MAGIC, STRUCT};
use crate::evolution::{EnumHistory, FieldHistory, GONE, History, StructHistory, VariantHistory};
use crate::layout::descriptor::tag;
use crate::layout::stored::{DEPTH, OwnedField, OwnedLayout, Parser};
use crate::layout::{Field, Invalid, Layout, Variant, length_bytes};
use crate::store::catalog::MAX_ROOTS;
use crate::store::{CollectionKind, RootSpec};

/// The number of `previous` types that may follow each other. Like [`DEPTH`], it bounds the
/// recursion.
const CHAIN: usize = 128;

/// A reason why a section cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// A section that a newer Graven wrote.
    #[error("its format is {0}, and this reads up to {FORMAT}: use a newer graven")]
    Newer(u16),
    /// A section from before the first release.
    #[error("its format is {0}, which has the current layouts only: build it with a newer graven")]
    Older(u16),
    /// Bytes that no version of this code writes.
    #[error("{}", .0.0)]
    Invalid(#[from] Invalid),
}

/// The declarations of a section.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The roots.
    pub roots: Vec<RootSpec>,
    /// Names of roots that the code drops.
    pub dropped: Vec<&'static str>,
}

/// Parses the declarations of a section. Leaks them, since only tools read sections.
///
/// # Errors
/// [`Unreadable`] for bytes that are not a section in this format.
pub fn parse(bytes: &[u8]) -> Result<Declared, Unreadable> {
    let mut parser = Parser { rest: bytes };
    if parser.take::<4>()? != MAGIC {
        return Err(Invalid("it does not begin as a section of layouts does").into());
    }
    match u16::from_le_bytes(parser.take()?) {
        FORMAT => {}
        format if format > FORMAT => return Err(Unreadable::Newer(format)),
        format => return Err(Unreadable::Older(format)),
    }
    let roots = parser.several(root)?;
    let dropped = parser.several(Parser::static_name)?;
    if !parser.rest.is_empty() {
        return Err(Invalid("something follows the last name").into());
    }
    if roots.len() > MAX_ROOTS {
        return Err(Invalid("there are more roots than a store has").into());
    }
    Ok(Declared { roots, dropped })
}

fn root(parser: &mut Parser<'_>) -> Result<RootSpec, Invalid> {
    let [kind] = parser.take()?;
    let kind = CollectionKind::from_byte(kind).ok_or(Invalid("a root is of an unknown kind"))?;
    let name = parser.static_name()?;
    let was = &*parser.several(Parser::static_name)?.leak();
    let key = match parser.sized()? {
        [] => None,
        key => {
            let layout = leak(&OwnedLayout::parse(key)?);
            size(layout)?;
            Some((layout, layout.fingerprint()))
        }
    };
    let mut inner = Parser { rest: parser.sized()? };
    let (history, value) = inner.history(DEPTH, CHAIN)?;
    if !inner.rest.is_empty() {
        return Err(Invalid("a history is longer than its type"));
    }
    Ok(RootSpec { name, was, kind, key, value, value_fingerprint: value.fingerprint(), history })
}

/// A history and its current layout.
type Node = (&'static History, &'static Layout);

impl<'a> Parser<'a> {
    fn sized(&mut self) -> Result<&'a [u8], Invalid> {
        let len = self.u32()? as usize;
        let split = self.rest.split_at_checked(len).ok_or(Invalid("a root ends early"))?;
        self.rest = split.1;
        Ok(split.0)
    }

    fn static_name(&mut self) -> Result<&'static str, Invalid> {
        self.name().map(|name| &*name.leak())
    }

    fn u16(&mut self) -> Result<u16, Invalid> {
        self.take().map(u16::from_le_bytes)
    }

    /// Reads a history. `depth` counts nested layouts, and `chain` counts `previous` types.
    fn history(&mut self, depth: usize, chain: usize) -> Result<Node, Invalid> {
        let whole = depth;
        let depth = depth.checked_sub(1).ok_or(Invalid("a history nests too deep"))?;
        let (history, layout) = match self.rest.first().copied() {
            Some(tag::OPTION) => {
                let (inner, layout) = self.after_tag()?.history(depth, chain)?;
                (History::Option(inner), Layout::Option(layout))
            }
            Some(tag::VEC) => {
                let (inner, layout) = self.after_tag()?.history(depth, chain)?;
                (History::Vec(inner), Layout::Vec(layout))
            }
            Some(tag::ARRAY) => {
                let len = self.after_tag()?.u32()?;
                let (inner, layout) = self.history(depth, chain)?;
                (History::Array(inner, len), Layout::Array(layout, len))
            }
            Some(tag::RESULT) => {
                let (ok, ok_layout) = self.after_tag()?.history(depth, chain)?;
                let (err, err_layout) = self.history(depth, chain)?;
                (History::Result(ok, err), Layout::Result(ok_layout, err_layout))
            }
            Some(tag::TUPLE) => {
                let parts = self.after_tag()?.several(|parser| parser.history(depth, chain))?;
                let (parts, layouts) = parts.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
                let layout = Layout::Tuple(layouts.leak());
                if parts.is_empty() {
                    // The unit type has no parts with a history.
                    return Ok(plain(Box::leak(Box::new(layout))));
                }
                (History::Tuple(parts.leak()), layout)
            }
            Some(STRUCT | ENUM) => return self.derived(whole, chain),
            _ => {
                let layout = leak(&self.layout(whole)?);
                size(layout)?;
                return Ok(plain(layout));
            }
        };
        let layout = Box::leak(Box::new(layout));
        size(layout)?;
        Ok((Box::leak(Box::new(history)), layout))
    }

    fn after_tag(&mut self) -> Result<&mut Self, Invalid> {
        self.take::<1>()?;
        Ok(self)
    }

    fn derived(&mut self, depth: usize, chain: usize) -> Result<Node, Invalid> {
        let [kind] = self.take()?;
        let (name, version, first) = (self.static_name()?, self.u32()?, self.u32()?);
        if version == u32::MAX || first > version {
            return Err(Invalid("a type has impossible versions"));
        }
        let previous = match self.take()? {
            [0] => None,
            [_] => {
                let chain = chain.checked_sub(1).ok_or(Invalid("a history is too long"))?;
                Some(self.history(depth, chain)?.0)
            }
        };
        let depth = depth.checked_sub(1).ok_or(Invalid("a history nests too deep"))?;
        let (layout, history): (&'static Layout, _) = if kind == STRUCT {
            let (fields, current) = self.forms(version, depth, chain)?;
            let layout = Box::leak(Box::new(Layout::Struct { name, version, fields: current }));
            (layout, History::Struct(StructHistory { layout, first, previous, fields }))
        } else {
            let (variants, current) = self.variants(version, depth, chain)?;
            let layout = Box::leak(Box::new(Layout::Enum { name, version, variants: current }));
            (layout, History::Enum(EnumHistory { layout, first, previous, variants }))
        };
        size(layout)?;
        Ok((Box::leak(Box::new(history)), layout))
    }

    /// Reads all forms of a record's fields. Returns them with the fields of the current version.
    fn forms(&mut self, version: u32, depth: usize, chain: usize) -> Result<Forms, Invalid> {
        let mut current = Vec::new();
        let forms = self.several(|parser| {
            let (name, since, until) = (parser.static_name()?, parser.u32()?, parser.u32()?);
            let (target, step) = (parser.u16()?, parser.u16()?);
            let (history, layout) = parser.history(depth, chain)?;
            let form = FieldHistory { name, since, until, target, step, history };
            if form.is_in(version) {
                current.push(Field { name, layout });
            }
            Ok(form)
        })?;
        let count = forms.len();
        if forms.iter().any(|form| form.target != GONE && usize::from(form.target) >= count) {
            return Err(Invalid("a field became one that is not there"));
        }
        Ok((forms.leak(), current.leak()))
    }

    fn variants(&mut self, version: u32, depth: usize, chain: usize) -> Result<Variants, Invalid> {
        let mut current = Vec::new();
        let variants = self.several(|parser| {
            let (name, [tag]) = (parser.static_name()?, parser.take()?);
            let (since, until, target) = (parser.u32()?, parser.u32()?, parser.u16()?);
            let (fields, latest) = parser.forms(version, depth, chain)?;
            let form = VariantHistory { name, tag, since, until, target, fields };
            if form.is_in(version) {
                current.push(Variant { name, tag, fields: latest });
            }
            Ok(form)
        })?;
        current.sort_by_key(|variant| variant.tag);
        Ok((variants.leak(), current.leak()))
    }
}

type Forms = (&'static [FieldHistory], &'static [Field]);
type Variants = (&'static [VariantHistory], &'static [Variant]);

fn plain(layout: &'static Layout) -> Node {
    (Box::leak(Box::new(History::Plain(layout))), layout)
}

/// Returns the static form of a layout, which is leaked.
fn leak(stored: &OwnedLayout) -> &'static Layout {
    let name = |name: &String| &*name.clone().leak();
    let fields = |fields: &[OwnedField]| -> &'static [Field] {
        let field = |field: &OwnedField| Field { name: name(&field.name), layout: leak(&field.layout) };
        fields.iter().map(field).collect::<Vec<_>>().leak()
    };
    let layout = match stored {
        OwnedLayout::Prim(prim) => Layout::Prim(*prim),
        OwnedLayout::NonZero(prim) => Layout::NonZero(*prim),
        OwnedLayout::String => Layout::String,
        OwnedLayout::Principal => Layout::Principal,
        OwnedLayout::Duration => Layout::Duration,
        OwnedLayout::Blob(max) => Layout::Blob(*max),
        OwnedLayout::Text(max) => Layout::Text(*max),
        OwnedLayout::Option(inner) => Layout::Option(leak(inner)),
        OwnedLayout::Result(ok, err) => Layout::Result(leak(ok), leak(err)),
        OwnedLayout::Vec(inner) => Layout::Vec(leak(inner)),
        OwnedLayout::Array(inner, len) => Layout::Array(leak(inner), *len),
        OwnedLayout::Tuple(parts) => Layout::Tuple(parts.iter().map(leak).collect::<Vec<_>>().leak()),
        OwnedLayout::Reverse(inner) => Layout::Reverse(leak(inner)),
        OwnedLayout::Struct { name: known, version, fields: parts } => {
            Layout::Struct { name: name(known), version: *version, fields: fields(parts) }
        }
        OwnedLayout::Enum { name: known, version, variants } => {
            let variants = variants.iter().map(|variant| Variant {
                name: name(&variant.name),
                tag: variant.tag,
                fields: fields(&variant.fields),
            });
            Layout::Enum {
                name: name(known),
                version: *version,
                variants: variants.collect::<Vec<_>>().leak(),
            }
        }
        OwnedLayout::Opaque { codec } => Layout::Opaque { codec: name(codec) },
    };
    Box::leak(Box::new(layout))
}

/// Computes the constant size of a layout with checked arithmetic. [`Layout::size`] relies on the
/// compiler for these checks.
fn size(layout: &Layout) -> Result<Option<usize>, Invalid> {
    let size = match layout {
        Layout::Prim(prim) | Layout::NonZero(prim) => Some(prim.size()),
        Layout::Principal => Some(30),
        Layout::Duration => Some(12),
        Layout::Blob(max) | Layout::Text(max) => Some(length_bytes(*max).saturating_add(*max as usize)),
        Layout::Option(inner) => size(inner)?.map(|inner| inner.saturating_add(1)),
        Layout::Reverse(inner) => size(inner)?,
        Layout::Result(ok, err) => {
            let (ok, err) = (size(ok)?, size(err)?);
            ok.zip(err).map(|(ok, err)| ok.max(err).saturating_add(1))
        }
        Layout::Array(inner, len) => size(inner)?.map(|inner| inner.saturating_mul(*len as usize)),
        Layout::Tuple(parts) => sum(parts.iter().copied())?,
        Layout::Struct { fields, .. } => sum(fields.iter().map(|field| field.layout))?,
        Layout::Enum { variants, .. } => {
            let mut largest = Some(0);
            for variant in *variants {
                let fields = sum(variant.fields.iter().map(|field| field.layout))?;
                largest = largest.zip(fields).map(|(a, b): (usize, usize)| a.max(b));
            }
            largest.map(|largest| largest.saturating_add(1))
        }
        Layout::String | Layout::Vec(_) | Layout::Opaque { .. } => None,
    };
    match size {
        Some(size) if size > u32::MAX as usize => Err(Invalid("a value takes more than 4 GiB")),
        size => Ok(size),
    }
}

fn sum<'a>(layouts: impl Iterator<Item = &'a Layout>) -> Result<Option<usize>, Invalid> {
    let mut sum = Some(0usize);
    for layout in layouts {
        sum = sum.zip(size(layout)?).map(|(sum, size)| sum.saturating_add(size));
    }
    Ok(sum)
}
