//! The section of layouts in a wasm.

use std::fs;
use std::path::Path;

use graven_core::store::section::{self, Declared};
use wasmparser::{Parser, Payload};

use crate::failure::Failure;

/// Reads the section of layouts of a module.
pub(crate) fn declared(path: &Path) -> Result<Declared, Failure> {
    let wasm = fs::read(path).map_err(Failure::read(path))?;
    if wasm.starts_with(&[0x1f, 0x8b]) {
        return Err(Failure::NotWasm(
            path.to_owned(),
            "it is compressed; unpack it with `gunzip`".to_owned(),
        ));
    }
    if !wasm.starts_with(b"\0asm") {
        return Err(Failure::NotWasm(path.to_owned(), "it does not begin with `\\0asm`".to_owned()));
    }
    let found = layouts(&wasm).map_err(|why| Failure::NotWasm(path.to_owned(), why))?;
    let found = found.ok_or_else(|| Failure::NoSection(path.to_owned()))?;
    section::parse(&found).map_err(|why| Failure::Section(path.to_owned(), why))
}

fn layouts(wasm: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut found = None;
    // The loop does not stop at the section: a module that was cut off after it is not valid.
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| first_line(&error.to_string()))? {
            Payload::CustomSection(section) if section.name() == section::NAME => {
                found.get_or_insert_with(|| section.data().to_vec());
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Returns the first line of a message of the parser. A dump of bytes may follow it.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}
