//! Refuses modules that the replica would not install.

use std::collections::BTreeSet;

use wasmparser::{ExternalKind, Operator, Parser, Payload, Validator};

use super::FEATURES;
use super::facts::Facts;
use super::instrument::RESERVED;

const MAX_FUNCTIONS: usize = 50_000;
const MAX_GLOBALS: usize = 1_000;
const MAX_CUSTOM_SECTIONS: usize = 16;

/// Entry points without a method name.
const SYSTEM_EXPORTS: [&str; 7] = [
    "canister_init",
    "canister_inspect_message",
    "canister_pre_upgrade",
    "canister_post_upgrade",
    "canister_heartbeat",
    "canister_global_timer",
    "canister_on_low_wasm_memory",
];

/// Prefixes of the entry points that carry a method name.
const METHOD_PREFIXES: [&str; 3] = ["canister_update ", "canister_query ", "canister_composite_query "];

/// Returns the declarations of `wasm`, or the reason why the replica would refuse it.
pub(crate) fn check(wasm: &[u8]) -> Result<Facts, String> {
    if wasm.starts_with(&[0x1f, 0x8b]) {
        return Err("the module is compressed; give the unpacked wasm".into());
    }
    Validator::new_with_features(FEATURES).validate_all(wasm).map_err(|error| {
        format!(
            "Wasmtime failed to validate wasm module wasmtime::Module::validate() failed with {} (at offset 0x{:x})",
            error.message(),
            error.offset()
        )
    })?;
    let facts = Facts::read(wasm).map_err(|error| error.to_string())?;
    check_imports(&facts)?;
    check_exports(&facts)?;
    check_size(&facts)?;
    check_operators(wasm, &facts)?;
    Ok(facts)
}

fn check_imports(facts: &Facts) -> Result<(), String> {
    for import in &facts.imports {
        if import.module != "ic0" || import.function.is_none() {
            return Err(format!(
                "Wasm module has an invalid import section. Module imports '{}' from '{}', which is not a function of 'ic0'",
                import.name, import.module
            ));
        }
    }
    Ok(())
}

fn check_exports(facts: &Facts) -> Result<(), String> {
    let mut methods = BTreeSet::new();
    for export in &facts.exports {
        let name = export.name.as_str();
        if name.starts_with(RESERVED) {
            return Err(format!("Wasm module exports the reserved name '{name}'"));
        }
        let method = METHOD_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        if export.kind == ExternalKind::Func && (method.is_some() || SYSTEM_EXPORTS.contains(&name)) {
            check_signature(facts, name, export.index)?;
        } else if name.starts_with("canister_") && export.kind == ExternalKind::Func {
            return Err(format!(
                "Wasm module has an invalid export section. Exporting reserved function '{name}' with \"canister_\" prefix"
            ));
        }
        if method.is_some_and(|method| !methods.insert(method)) {
            return Err(format!(
                "Duplicate function '{}' exported multiple times with different call types: update, query, or composite_query",
                method.unwrap_or_default()
            ));
        }
    }
    Ok(())
}

fn check_signature(facts: &Facts, name: &str, index: u32) -> Result<(), String> {
    let ty = facts.function_type(index).ok_or("Wasm module exports a function that is not there")?;
    let wrong = |what: &str, got: &[wasmparser::ValType]| {
        let got: Vec<_> = got.iter().map(|ty| ty.to_string().to_uppercase()).collect();
        format!(
            "Wasm module has an invalid function signature. Expected {what} [] for '{name}', got [{}]",
            got.join(", ")
        )
    };
    if !ty.params().is_empty() {
        return Err(wrong("input params", ty.params()));
    }
    if !ty.results().is_empty() {
        return Err(wrong("return type", ty.results()));
    }
    Ok(())
}

fn check_size(facts: &Facts) -> Result<(), String> {
    let counts = [
        ("functions", facts.functions.len(), MAX_FUNCTIONS),
        ("globals", facts.globals.len(), MAX_GLOBALS),
        ("custom sections", facts.custom_sections, MAX_CUSTOM_SECTIONS),
    ];
    match counts.into_iter().find(|(_, count, limit)| count > limit) {
        Some((what, count, limit)) => Err(format!(
            "Wasm module defined {count} {what} which exceeds the maximum number allowed {limit}"
        )),
        None => Ok(()),
    }
}

fn check_operators(wasm: &[u8], facts: &Facts) -> Result<(), String> {
    let mut index = facts.imported_functions();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.map_err(|error| error.to_string())? else {
            continue;
        };
        let mut reader = body.get_operators_reader().map_err(|error| error.to_string())?;
        while !reader.eof() {
            let op = reader.read().map_err(|error| error.to_string())?;
            if let Some(name) = unsupported(&op) {
                return Err(format!(
                    "Wasm module contains a function at index {index} with unsupported instruction {name}"
                ));
            }
        }
        index += 1;
    }
    Ok(())
}

/// Refuses changes of tables: otherwise a message could not be undone.
fn unsupported(op: &Operator<'_>) -> Option<&'static str> {
    Some(match op {
        Operator::TableSet { .. } => "table.set",
        Operator::TableGrow { .. } => "table.grow",
        Operator::TableFill { .. } => "table.fill",
        Operator::TableCopy { .. } => "table.copy",
        Operator::TableInit { .. } => "table.init",
        _ => return None,
    })
}
