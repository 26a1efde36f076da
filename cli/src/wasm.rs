//! The section of layouts in a wasm.

use std::fs;
use std::path::Path;

use graven_core::store::section::{self, Declared};
use wasmparser::{FunctionBody, Parser, Payload, ValType};

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

/// Returns `true` if a module has code and none of it works on vectors.
pub(crate) fn is_scalar(path: &Path) -> bool {
    let Ok(wasm) = fs::read(path) else { return false };
    let mut bodies = Parser::new(0).parse_all(&wasm).filter_map(|payload| match payload {
        Ok(Payload::CodeSectionEntry(body)) => Some(body),
        _ => None,
    });
    let Some(first) = bodies.next() else { return false };
    !has_vectors(&first) && !bodies.any(|body| has_vectors(&body))
}

/// Returns `true` if a function has a local variable for a vector, as every function of some length
/// that works on vectors has.
fn has_vectors(body: &FunctionBody<'_>) -> bool {
    let Ok(locals) = body.get_locals_reader() else { return false };
    locals.into_iter().any(|local| matches!(local, Ok((_, ValType::V128))))
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
