//! The section of layouts in a wasm, and the instructions of its code.

use std::fs;
use std::path::Path;

use graven_core::store::section::{self, Declared};
use wasmparser::{FunctionBody, Parser, Payload, ValType};

use crate::failure::Failure;

/// A module, as checks see it.
pub(crate) struct Module {
    pub(crate) declared: Declared,
    /// `true` if the module has code and none of it works on vectors.
    pub(crate) is_scalar: bool,
}

/// Reads a module with a section of layouts.
pub(crate) fn read(path: &Path) -> Result<Module, Failure> {
    let wasm = bytes(path)?;
    let (layouts, is_scalar) = parse(&wasm).map_err(|why| Failure::NotWasm(path.to_owned(), why))?;
    let layouts = layouts.ok_or_else(|| Failure::NoSection(path.to_owned()))?;
    let declared = section::parse(layouts).map_err(|why| Failure::Section(path.to_owned(), why))?;
    Ok(Module { declared, is_scalar })
}

/// Reads a file that begins as a module does.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
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
    Ok(wasm)
}

/// Returns the section of layouts, and `true` if there is code without vectors.
fn parse(wasm: &[u8]) -> Result<(Option<&[u8]>, bool), String> {
    let (mut layouts, mut has_code, mut has_vectors) = (None, false, false);
    // The loop does not stop at the section: a module that was cut off after it is not valid.
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| first_line(&error.to_string()))? {
            Payload::CustomSection(section) if section.name() == section::NAME => {
                layouts.get_or_insert(section.data());
            }
            Payload::CodeSectionEntry(body) => {
                has_code = true;
                has_vectors = has_vectors || works_on_vectors(&body);
            }
            _ => {}
        }
    }
    Ok((layouts, has_code && !has_vectors))
}

/// Returns `true` if a function has a local variable for a vector, as every function of some length
/// that works on vectors has.
fn works_on_vectors(body: &FunctionBody<'_>) -> bool {
    let Ok(locals) = body.get_locals_reader() else { return false };
    locals.into_iter().any(|local| matches!(local, Ok((_, ValType::V128))))
}

/// Returns the first line of a message of the parser. A dump of bytes may follow it.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}
