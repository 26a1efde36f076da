//! The prepass over a whole module: every function metered, a counter and three helper functions
//! appended (so that no index changes), and what the runner needs to reach exported.

use wasm_encoder::{CodeSection, ConstExpr, Encode, ExportKind, Function, GlobalType, Instruction, ValType};
use wasmparser::{Parser, Payload, Result};

use super::facts::Facts;
use super::meter::{Counters, Findings, Helpers, emit_check, meter_body};
use super::sections::{CODE, EXPORT, FUNCTION, GLOBAL, START, Sections, TYPE};

/// Names of the exports that are added. A canister's own exports cannot have them, see
/// [`super::check`].
pub(crate) const RESERVED: &str = "graven-testkit ";
/// The counter of instructions left.
pub(crate) const COUNTER: &str = "graven-testkit counter";
/// The start function, which runs as a message of its own.
pub(crate) const START_EXPORT: &str = "graven-testkit start";
/// The memory, whatever else it is exported as.
pub(crate) const MEMORY: &str = "graven-testkit memory";
/// The table that callbacks are looked up in.
pub(crate) const TABLE: &str = "graven-testkit table";

/// The export under which a profile's counter is found: of calls of the function `index`, or of its
/// instructions.
pub(crate) fn profile_name(index: usize, instructions: bool) -> String {
    format!("{RESERVED}{} {index}", if instructions { "instructions" } else { "calls" })
}

/// The export under which the mutable global `index` is found.
pub(crate) fn global_name(index: u32) -> String {
    format!("{RESERVED}global {index}")
}

/// A module ready to be compiled.
pub(crate) struct Instrumented {
    pub(crate) wasm: Vec<u8>,
    pub(crate) findings: Findings,
}

/// Rewrites `wasm`, which must be valid. `profiled`: each function counts for itself, too.
pub(crate) fn instrument(wasm: &[u8], facts: &Facts, profiled: bool) -> Result<Instrumented> {
    let mut sections = Sections::split(wasm)?;
    let first = facts.imported_functions() + facts.functions.len() as u32;
    let helpers = Helpers {
        counter: facts.globals.len() as u32,
        exhausted: first,
        charge32: first + 1,
        charge64: first + 2,
        profile: profiled.then_some(facts.globals.len() as u32 + 1),
    };
    add_types(&mut sections, facts);
    let (code, findings) = metered_code(wasm, facts, helpers)?;
    sections.set(CODE, code);
    add_counters(&mut sections, facts, helpers);
    add_exports(&mut sections, facts, helpers);
    sections.remove(START);
    Ok(Instrumented { wasm: sections.join(), findings })
}

fn add_types(sections: &mut Sections<'_>, facts: &Facts) {
    let mut types = Vec::new();
    for param in [None, Some(ValType::I32), Some(ValType::I64)] {
        // A function type: its parameters and results, both either empty or one number.
        types.push(0x60);
        for _ in 0..2 {
            param.as_slice().encode(&mut types);
        }
    }
    let first = facts.types.len() as u32;
    let mut functions = Vec::new();
    for index in first..first + 3 {
        index.encode(&mut functions);
    }
    sections.append(TYPE, 3, &types);
    sections.append(FUNCTION, 3, &functions);
}

fn metered_code(wasm: &[u8], facts: &Facts, helpers: Helpers) -> Result<(Vec<u8>, Findings)> {
    let mut code = CodeSection::new();
    let mut findings = Findings::default();
    let (mut body, mut index) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(entry) = payload? {
            body.clear();
            let counters =
                helpers.profile.map(|first| Counters { length: first, calls: first + 2 + 2 * index });
            index += 1;
            meter_body(wasm, &entry, facts.wide(), (helpers, counters), &mut findings, &mut body)?;
            code.raw(&body);
        }
    }
    code.function(&exhausted_function(helpers));
    code.function(&charge_function(helpers, false));
    code.function(&charge_function(helpers, true));
    // The encoder writes the section's length first; the section is put together elsewhere.
    let mut encoded = Vec::new();
    code.encode(&mut encoded);
    let length = encoded.iter().position(|byte| byte & 0x80 == 0).map_or(0, |at| at + 1);
    Ok((encoded.split_off(length), findings))
}

/// Marks the counter so that this trap can be told from the canister's own `unreachable`.
fn exhausted_function(helpers: Helpers) -> Function {
    let mut function = Function::new([]);
    function
        .instruction(&Instruction::I64Const(i64::MIN))
        .instruction(&Instruction::GlobalSet(helpers.counter))
        .instruction(&Instruction::Unreachable)
        .instruction(&Instruction::End);
    function
}

/// Charges the length in its parameter; a length that no counter holds exhausts it.
fn charge_function(helpers: Helpers, wide: bool) -> Function {
    let mut function = Function::new([(1, ValType::I64)]);
    let charge = [
        Instruction::GlobalGet(helpers.counter),
        Instruction::LocalGet(1),
        Instruction::I64Sub,
        Instruction::GlobalSet(helpers.counter),
        Instruction::LocalGet(1),
        Instruction::I64Const(0),
        Instruction::I64LtS,
        Instruction::If(wasm_encoder::BlockType::Empty),
        Instruction::Call(helpers.exhausted),
        Instruction::End,
    ];
    function.instruction(&Instruction::LocalGet(0));
    if !wide {
        function.instruction(&Instruction::I64ExtendI32U);
    }
    function.instruction(&Instruction::LocalSet(1));
    for instruction in &charge {
        function.instruction(instruction);
    }
    let mut check = Vec::new();
    emit_check(helpers, &mut check);
    function.raw(check);
    function.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::End);
    function
}

/// The counter of instructions left; for a profile a 32-bit and a 64-bit scratch and two counters
/// for each function.
fn add_counters(sections: &mut Sections<'_>, facts: &Facts, helpers: Helpers) {
    let (mut globals, mut count) = (Vec::new(), 0);
    let mut add = |val_type| {
        GlobalType { val_type, mutable: true, shared: false }.encode(&mut globals);
        let zero = if val_type == ValType::I32 { ConstExpr::i32_const(0) } else { ConstExpr::i64_const(0) };
        zero.encode(&mut globals);
        count += 1;
    };
    add(ValType::I64);
    if helpers.profile.is_some() {
        add(ValType::I32);
        (0..1 + 2 * facts.functions.len()).for_each(|_| add(ValType::I64));
    }
    sections.append(GLOBAL, count, &globals);
}

fn add_exports(sections: &mut Sections<'_>, facts: &Facts, helpers: Helpers) {
    let mut exports = vec![(COUNTER.to_owned(), ExportKind::Global, helpers.counter)];
    exports.extend(facts.mutable_globals().map(|i| (global_name(i), ExportKind::Global, i)));
    exports.extend(facts.start.map(|i| (START_EXPORT.to_owned(), ExportKind::Func, i)));
    exports.extend(facts.memory.map(|_| (MEMORY.to_owned(), ExportKind::Memory, 0)));
    exports.extend((facts.tables > 0).then(|| (TABLE.to_owned(), ExportKind::Table, 0)));
    for (function, first) in (0..facts.functions.len()).zip(helpers.profile.into_iter().cycle()) {
        for instructions in [false, true] {
            let global = first + 2 + 2 * function as u32 + u32::from(instructions);
            exports.push((profile_name(function, instructions), ExportKind::Global, global));
        }
    }
    let mut items = Vec::new();
    for (name, kind, index) in &exports {
        name.as_str().encode(&mut items);
        kind.encode(&mut items);
        index.encode(&mut items);
    }
    sections.append(EXPORT, exports.len() as u32, &items);
}
