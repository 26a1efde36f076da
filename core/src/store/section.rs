//! The layouts of a store as bytes that are embedded in a canister's wasm, in the custom section
//! `icp:public graven:layouts`, so that a deploy can be checked without running it. Built at compile time.

use super::RootSpec;
use crate::layout::Layout;
use crate::layout::descriptor::{Sink, describe};

/// The first bytes of the section.
pub const MAGIC: [u8; 4] = *b"GRVL";

/// The section's format.
pub const FORMAT: u16 = 1;

const fn write(roots: &[RootSpec], sink: &mut Sink<'_>) {
    sink.bytes(&MAGIC);
    sink.u16(FORMAT as usize);
    sink.u16(roots.len());
    let mut i = 0;
    while i < roots.len() {
        sink.byte(roots[i].kind as u8);
        sink.name(roots[i].name);
        match roots[i].key {
            Some((layout, _)) => descriptor(layout, sink),
            None => sink.bytes(&[0; 4]),
        }
        descriptor(roots[i].value, sink);
        i += 1;
    }
}

const fn descriptor(layout: &Layout, sink: &mut Sink<'_>) {
    let mut measure = Sink::buffer(&mut []);
    describe(layout, true, &mut measure);
    sink.bytes(&(measure.len() as u32).to_le_bytes());
    describe(layout, true, sink);
}

/// Bytes of the section.
#[must_use]
pub const fn len(roots: &[RootSpec]) -> usize {
    let mut measure = Sink::buffer(&mut []);
    write(roots, &mut measure);
    measure.len()
}

/// The section; `N` is its [`len`].
#[must_use]
pub const fn bytes<const N: usize>(roots: &[RootSpec]) -> [u8; N] {
    let mut bytes = [0; N];
    write(roots, &mut Sink::buffer(&mut bytes));
    bytes
}
