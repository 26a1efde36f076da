//! The roots that a wasm declares.

use std::fs;
use std::path::Path;

use graven_core::store::section::{self, Declared};
use wasmparser::{Parser, Payload};

use crate::failure::Failure;

/// Reads the section of layouts of a module.
pub(crate) fn declared(path: &Path) -> Result<Declared, Failure> {
    let wasm = fs::read(path).map_err(Failure::read(path))?;
    if wasm.starts_with(&[0x1f, 0x8b]) {
        return Err(Failure::NotWasm(path.to_owned(), "it is packed; unpack it with `gunzip`".to_owned()));
    }
    let found = layouts(&wasm).map_err(|why| Failure::NotWasm(path.to_owned(), why))?;
    let found = found.ok_or_else(|| Failure::NoSection(path.to_owned()))?;
    section::parse(&found).map_err(|why| Failure::Section(path.to_owned(), why))
}

fn layouts(wasm: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut found = None;
    // Up to the end: a module that was cut off behind the section is none.
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| error.to_string())? {
            Payload::CustomSection(section) if section.name() == section::NAME => {
                found.get_or_insert_with(|| section.data().to_vec());
            }
            _ => {}
        }
    }
    Ok(found)
}
