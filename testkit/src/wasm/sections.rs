//! A module as a row of raw sections: items can be appended to one, the rest is copied as it is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wasm_encoder::Encode;
use wasmparser::{Parser, Payload};

/// The section ids that are appended to.
pub(super) const TYPE: u8 = 1;
pub(super) const FUNCTION: u8 = 3;
pub(super) const GLOBAL: u8 = 6;
pub(super) const EXPORT: u8 = 7;
pub(super) const START: u8 = 8;
pub(super) const CODE: u8 = 10;

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const DATA_COUNT: u8 = 12;

/// Raw sections by their place in the module's order, and the name section.
pub(super) struct Sections<'a> {
    parts: BTreeMap<(u8, u8), Cow<'a, [u8]>>,
    names: Option<&'a [u8]>,
}

impl<'a> Sections<'a> {
    /// Takes a module apart. Custom sections are left out, except the names that backtraces need.
    pub(super) fn split(wasm: &'a [u8]) -> wasmparser::Result<Self> {
        let mut sections = Self { parts: BTreeMap::new(), names: None };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            if let Payload::CustomSection(custom) = &payload {
                if custom.name() == "name" {
                    sections.names = Some(&wasm[custom.range()]);
                }
            } else if let Some((id, range)) = payload.as_section() {
                sections.parts.insert(order(id), Cow::Borrowed(&wasm[range]));
            }
        }
        Ok(sections)
    }

    /// Appends `count` items, encoded in `items`, to the section `id`.
    pub(super) fn append(&mut self, id: u8, count: u32, items: &[u8]) {
        let old = self.parts.remove(&order(id)).unwrap_or(Cow::Borrowed(&[0]));
        let (before, length) = read_leb(&old);
        let mut new = Vec::with_capacity(old.len() + items.len() + 5);
        (before + count).encode(&mut new);
        new.extend_from_slice(&old[length..]);
        new.extend_from_slice(items);
        self.parts.insert(order(id), Cow::Owned(new));
    }

    /// Replaces or adds a section.
    pub(super) fn set(&mut self, id: u8, content: Vec<u8>) {
        self.parts.insert(order(id), Cow::Owned(content));
    }

    /// Removes a section.
    pub(super) fn remove(&mut self, id: u8) {
        self.parts.remove(&order(id));
    }

    /// Puts the module together again.
    pub(super) fn join(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for ((_, id), content) in &self.parts {
            write_section(*id, content, &mut out);
        }
        if let Some(names) = self.names {
            write_section(0, names, &mut out);
        }
        out
    }
}

fn write_section(id: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(id);
    content.len().encode(out);
    out.extend_from_slice(content);
}

/// Sections stand in the order of their ids, but for the data count, which precedes the code.
fn order(id: u8) -> (u8, u8) {
    let place = match id {
        DATA_COUNT => CODE,
        id if id >= CODE => id + 1,
        id => id,
    };
    (place, id)
}

fn read_leb(bytes: &[u8]) -> (u32, usize) {
    let mut value = 0;
    for (i, byte) in bytes.iter().enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return (value, i + 1);
        }
    }
    (value, bytes.len())
}
