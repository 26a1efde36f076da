//! The names of the functions of a module.

use std::collections::HashMap;

use wasmparser::{BinaryReader, Name, NameSectionReader, Parser, Payload};

use super::facts::Facts;

/// The names of all functions that a module defines, as in Rust where they are mangled.
pub(crate) fn function_names(wasm: &[u8], facts: &Facts) -> Vec<String> {
    let named = named(wasm).unwrap_or_default();
    let first = facts.imported_functions();
    let name = |index| match named.get(&index) {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {index}"),
    };
    (first..first + facts.functions.len() as u32).map(name).collect()
}

fn named(wasm: &[u8]) -> wasmparser::Result<HashMap<u32, String>> {
    let mut found = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(custom) = payload? else { continue };
        if custom.name() != "name" {
            continue;
        }
        for names in NameSectionReader::new(BinaryReader::new(custom.data(), custom.data_offset())) {
            if let Name::Function(names) = names? {
                for naming in names {
                    let naming = naming?;
                    found.insert(naming.index, naming.name.to_owned());
                }
            }
        }
    }
    Ok(found)
}
