//! Metering one function: where its basic blocks begin, what each costs, and its code with the
//! charges put in. A block is charged whole when it is entered; calls do not end a block.

use std::ops::Range;

use wasm_encoder::{BlockType, Encode, Instruction};
use wasmparser::{FunctionBody, Operator};

use super::cost::{FUNCTION_ENTRY, operator_cost};

/// Indices of what [`super::instrument`] appends to the module for the charges to use.
#[derive(Clone, Copy)]
pub(crate) struct Helpers {
    /// Mutable `i64` global: instructions left; negative once the limit is passed.
    pub(crate) counter: u32,
    /// `() -> ()`: marks the counter as exhausted and traps.
    pub(crate) exhausted: u32,
    /// `(i32) -> i32`: charges its argument and hands it back.
    pub(crate) charge32: u32,
    /// `(i64) -> i64`: the same for 64-bit lengths.
    pub(crate) charge64: u32,
    /// The first of the globals of a profile, if there is one.
    pub(crate) profile: Option<u32>,
}

/// Indices of the globals by which a function counts for its line of a profile.
#[derive(Clone, Copy)]
pub(crate) struct Counters {
    /// Scratch for a 32-bit length; the next one is for one of 64 bits.
    pub(crate) length: u32,
    /// Counts calls; the next one counts instructions.
    pub(crate) calls: u32,
}

/// The charge to insert before the operator at `at`.
enum Charge {
    /// Enter a block; `check` where code can run again without passing a function entry or loop
    /// head.
    Block { cost: u64, check: bool },
    /// Charge the length that lies on the stack, 64 bits of it if `wide`.
    Length { wide: bool },
}

impl Charge {
    /// Returns the number of instructions that the replica inserts for this.
    fn instructions(&self) -> u64 {
        match self {
            Charge::Block { check: false, .. } => 4,
            Charge::Block { check: true, .. } => 10,
            Charge::Length { wide: false } => 3,
            Charge::Length { wide: true } => 1,
        }
    }
}

struct Point {
    at: usize,
    charge: Charge,
}

/// The other findings of metering.
#[derive(Default)]
pub(crate) struct Findings {
    /// Passive segments are dropped somewhere: an instance of this module cannot serve two
    /// messages.
    pub(crate) drops: bool,
    /// The instructions of all functions, with those that metering adds.
    pub(crate) instructions: u64,
}

/// Appends to `out` the body (without its length) of `body`, metered. `wasm` holds the whole
/// module.
pub(crate) fn meter_body(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    wide: bool,
    (helpers, counters): (Helpers, Option<Counters>),
    findings: &mut Findings,
    out: &mut Vec<u8>,
) -> wasmparser::Result<()> {
    let points = charge_points(body, wide, findings)?;
    let Range { start, end } = body.range();
    let mut done = start;
    for (i, point) in points.into_iter().enumerate() {
        out.extend_from_slice(&wasm[done..point.at]);
        if let Some(counters) = counters {
            note(&point.charge, i == 0, counters, out);
        }
        emit(&point.charge, helpers, out);
        done = point.at;
    }
    out.extend_from_slice(&wasm[done..end]);
    Ok(())
}

fn charge_points(
    body: &FunctionBody<'_>,
    wide: bool,
    findings: &mut Findings,
) -> wasmparser::Result<Vec<Point>> {
    let mut reader = body.get_operators_reader()?;
    let mut points = Vec::new();
    let mut block = Block { slot: 0, cost: FUNCTION_ENTRY };
    block.open(&mut points, reader.original_position(), true);
    while !reader.eof() {
        let at = reader.original_position();
        let op = reader.read()?;
        findings.instructions += 1;
        block.cost += operator_cost(&op, wide);
        match op {
            Operator::Loop { .. } => block.next(&mut points, reader.original_position(), true),
            Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => {
                block.next(&mut points, reader.original_position(), false);
            }
            Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => {
                points.push(Point { at, charge: Charge::Length { wide } });
            }
            Operator::MemoryInit { .. } => {
                points.push(Point { at, charge: Charge::Length { wide: false } });
            }
            Operator::DataDrop { .. } | Operator::ElemDrop { .. } => findings.drops = true,
            _ => {}
        }
    }
    block.close(&mut points);
    // A free block that nothing jumps back to needs no code.
    points.retain(|point| !matches!(point.charge, Charge::Block { cost: 0, check: false }));
    findings.instructions += points.iter().map(|point| point.charge.instructions()).sum::<u64>();
    Ok(points)
}

/// The basic block being added up, and which point will carry its cost.
struct Block {
    slot: usize,
    cost: u64,
}

impl Block {
    fn open(&mut self, points: &mut Vec<Point>, at: usize, check: bool) {
        self.slot = points.len();
        points.push(Point { at, charge: Charge::Block { cost: 0, check } });
    }

    fn close(&mut self, points: &mut [Point]) {
        if let Charge::Block { cost, .. } = &mut points[self.slot].charge {
            *cost = self.cost;
        }
        self.cost = 0;
    }

    fn next(&mut self, points: &mut Vec<Point>, at: usize, check: bool) {
        self.close(points);
        self.open(points, at, check);
    }
}

fn emit(charge: &Charge, helpers: Helpers, out: &mut Vec<u8>) {
    match *charge {
        Charge::Length { wide: false } => Instruction::Call(helpers.charge32).encode(out),
        Charge::Length { wide: true } => Instruction::Call(helpers.charge64).encode(out),
        Charge::Block { cost, check } => {
            Instruction::GlobalGet(helpers.counter).encode(out);
            Instruction::I64Const(cost as i64).encode(out);
            Instruction::I64Sub.encode(out);
            Instruction::GlobalSet(helpers.counter).encode(out);
            if check {
                emit_check(helpers, out);
            }
        }
    }
}

/// Counts a charge for the function's line of a profile.
fn note(charge: &Charge, is_entry: bool, counters: Counters, out: &mut Vec<u8>) {
    let instructions = counters.calls + 1;
    let mut emit = |code: &[Instruction<'_>]| code.iter().for_each(|instruction| instruction.encode(out));
    let add = |global, amount| {
        [
            Instruction::GlobalGet(global),
            Instruction::I64Const(amount),
            Instruction::I64Add,
            Instruction::GlobalSet(global),
        ]
    };
    if is_entry {
        emit(&add(counters.calls, 1));
    }
    match *charge {
        Charge::Block { cost, .. } => emit(&add(instructions, cost as i64)),
        Charge::Length { wide } => {
            let length = counters.length + u32::from(wide);
            emit(&[
                Instruction::GlobalSet(length),
                Instruction::GlobalGet(instructions),
                Instruction::GlobalGet(length),
            ]);
            if !wide {
                emit(&[Instruction::I64ExtendI32U]);
            }
            emit(&[
                Instruction::I64Add,
                Instruction::GlobalSet(instructions),
                Instruction::GlobalGet(length),
            ]);
        }
    }
}

/// Code that stops the message if the counter is below zero.
pub(crate) fn emit_check(helpers: Helpers, out: &mut Vec<u8>) {
    Instruction::GlobalGet(helpers.counter).encode(out);
    Instruction::I64Const(0).encode(out);
    Instruction::I64LtS.encode(out);
    Instruction::If(BlockType::Empty).encode(out);
    Instruction::Call(helpers.exhausted).encode(out);
    Instruction::End.encode(out);
}
