//! The declaration of a store as bytes in the custom section `icp:public graven:layouts` of a
//! canister's wasm, so that a deploy can be checked without running it. The compiler builds the
//! bytes here, and tools read them back with `read`.

#![expect(
    clippy::indexing_slicing,
    reason = "constant evaluation has no iterators, and the code's own types are not read from memory"
)]

mod read;
#[cfg(test)]
mod tests;

pub use read::{Declared, Unreadable, parse};

use super::RootSpec;
use crate::evolution::{FieldHistory, History, VariantHistory};
use crate::layout::Layout;
use crate::layout::descriptor::{Sink, describe, tag};

/// The name of the custom section.
pub const NAME: &str = "icp:public graven:layouts";

/// The first bytes of the section.
pub const MAGIC: [u8; 4] = *b"GRVL";

/// The format of the section. Format 1, before the first release, had the current layouts only.
pub const FORMAT: u16 = 2;

/// The tags of derived types with their histories.
const STRUCT: u8 = 0x40;
const ENUM: u8 = 0x41;

const fn write(roots: &[RootSpec], dropped: &[&str], sink: &mut Sink<'_>) {
    sink.bytes(&MAGIC);
    sink.u16(FORMAT as usize);
    sink.u16(roots.len());
    let mut i = 0;
    while i < roots.len() {
        sink.byte(roots[i].kind as u8);
        sink.name(roots[i].name);
        names(roots[i].was, sink);
        match roots[i].key {
            Some((layout, _)) => key(layout, sink),
            None => u32(0, sink),
        }
        let mut measure = Sink::buffer(&mut []);
        history(roots[i].history, &mut measure);
        u32(measure.len() as u32, sink);
        history(roots[i].history, sink);
        i += 1;
    }
    names(dropped, sink);
}

const fn names(names: &[&str], sink: &mut Sink<'_>) {
    sink.u16(names.len());
    let mut i = 0;
    while i < names.len() {
        sink.name(names[i]);
        i += 1;
    }
}

const fn u32(number: u32, sink: &mut Sink<'_>) {
    sink.bytes(&number.to_le_bytes());
}

const fn key(layout: &Layout, sink: &mut Sink<'_>) {
    let mut measure = Sink::buffer(&mut []);
    describe(layout, true, &mut measure);
    u32(measure.len() as u32, sink);
    describe(layout, true, sink);
}

/// Writes a history: a descriptor in which derived types have all their versions.
const fn history(history: &History, sink: &mut Sink<'_>) {
    match history {
        History::Plain(layout) => describe(layout, true, sink),
        History::Option(inner) => container(tag::OPTION, inner, sink),
        History::Vec(inner) => container(tag::VEC, inner, sink),
        History::Array(inner, len) => {
            sink.byte(tag::ARRAY);
            u32(*len, sink);
            self::history(inner, sink);
        }
        History::Result(ok, err) => {
            container(tag::RESULT, ok, sink);
            self::history(err, sink);
        }
        History::Tuple(parts) => {
            sink.byte(tag::TUPLE);
            sink.u16(parts.len());
            let mut i = 0;
            while i < parts.len() {
                self::history(parts[i], sink);
                i += 1;
            }
        }
        History::Struct(spec) => {
            sink.byte(STRUCT);
            derived(spec.layout, spec.first, spec.previous, sink);
            fields(spec.fields, sink);
        }
        History::Enum(spec) => {
            sink.byte(ENUM);
            derived(spec.layout, spec.first, spec.previous, sink);
            variants(spec.variants, sink);
        }
    }
}

const fn container(tag: u8, inner: &History, sink: &mut Sink<'_>) {
    sink.byte(tag);
    history(inner, sink);
}

const fn derived(layout: &Layout, first: u32, previous: Option<&History>, sink: &mut Sink<'_>) {
    sink.name(layout.name());
    u32(
        match layout.version() {
            Some(version) => version,
            None => 0,
        },
        sink,
    );
    u32(first, sink);
    match previous {
        Some(previous) => container(1, previous, sink),
        None => sink.byte(0),
    }
}

const fn fields(fields: &[FieldHistory], sink: &mut Sink<'_>) {
    sink.u16(fields.len());
    let mut i = 0;
    while i < fields.len() {
        let FieldHistory { name, since, until, target, step, history: inner } = &fields[i];
        sink.name(name);
        u32(*since, sink);
        u32(*until, sink);
        sink.u16(*target as usize);
        sink.u16(*step as usize);
        history(inner, sink);
        i += 1;
    }
}

const fn variants(variants: &[VariantHistory], sink: &mut Sink<'_>) {
    sink.u16(variants.len());
    let mut i = 0;
    while i < variants.len() {
        let VariantHistory { name, tag, since, until, target, fields: inner } = &variants[i];
        sink.name(name);
        sink.byte(*tag);
        u32(*since, sink);
        u32(*until, sink);
        sink.u16(*target as usize);
        fields(inner, sink);
        i += 1;
    }
}

/// Returns the number of bytes of the section.
#[must_use]
pub const fn len(roots: &[RootSpec], dropped: &[&str]) -> usize {
    let mut measure = Sink::buffer(&mut []);
    write(roots, dropped, &mut measure);
    measure.len()
}

/// Returns the section. `N` is its [`len`].
#[must_use]
pub const fn bytes<const N: usize>(roots: &[RootSpec], dropped: &[&str]) -> [u8; N] {
    let mut bytes = [0; N];
    write(roots, dropped, &mut Sink::buffer(&mut bytes));
    bytes
}

/// Returns the section of roots that are known only at run time, for tools and their tests.
#[must_use]
pub fn to_vec(roots: &[RootSpec], dropped: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0; len(roots, dropped)];
    write(roots, dropped, &mut Sink::buffer(&mut bytes));
    bytes
}
