//! The System API: every function that a canister may import from `ic0`, its price, and the modes
//! it is open to. One file for each subject; this one holds what they share.
//!
//! What happens before and after a message (dirty pages of the heap, rolling back) is in
//! `executor`.

mod answer;
mod calls;
mod cycles;
mod identity;
mod input;
mod modes;
mod prices;
mod stable;
mod various;

use wasmtime::{Caller, Linker, Result, WasmBacktrace, WasmTy};

use crate::backtrace::backtrace;
use crate::host::Host;
use crate::reject::{ErrorCode, Reject};

pub(crate) use stable::DIRTY_PAGE;

type Ctx<'a> = Caller<'a, Host>;

/// A pointer or length of the System API: 32 or 64 bits, like the module's memory.
pub(crate) trait Ptr: WasmTy + Copy {
    /// Tells whether pointers have 64 bits.
    const WIDE: bool;
    fn get(self) -> u64;
    fn make(value: u64) -> Self;
}

impl Ptr for u32 {
    const WIDE: bool = false;
    fn get(self) -> u64 {
        self.into()
    }
    fn make(value: u64) -> Self {
        value as Self
    }
}

impl Ptr for u64 {
    const WIDE: bool = true;
    fn get(self) -> u64 {
        self
    }
    fn make(value: u64) -> Self {
        value
    }
}

/// Defines all functions of the System API.
pub(crate) fn link<P: Ptr>(linker: &mut Linker<Host>) -> Result<()> {
    input::link::<P>(linker)?;
    answer::link::<P>(linker)?;
    identity::link::<P>(linker)?;
    cycles::link::<P>(linker)?;
    calls::link::<P>(linker)?;
    stable::link::<P>(linker)?;
    prices::link::<P>(linker)?;
    various::link::<P>(linker)
}

/// A function of the System API: its name in messages, its fixed price, and its modes.
struct Api {
    name: &'static str,
    price: u64,
    modes: u16,
}

/// A function at the usual price of 500.
const fn api(name: &'static str, modes: u16) -> Api {
    Api { name, price: 500, modes }
}

/// A byte that leaves the canister: in a reply, a call, or the log.
const BYTE_SENT: u64 = 50;

/// Charges for a call, `bytes` on top of its fixed price, and refuses it in modes it is not open
/// to.
fn enter(c: &mut Ctx<'_>, api: &Api, bytes: u64) -> Result<()> {
    charge(c, api.name, api.price.saturating_add(bytes))?;
    let mode = c.data().message().mode;
    if api.modes & mode.bit() == 0 {
        let text = format!("\"ic0_{}\" cannot be executed in {} mode", api.name, mode.name());
        return fail(c, Reject::contract(text));
    }
    Ok(())
}

/// Charges above this are held against the limit at once, others every so many calls.
const LARGE_FEE: u64 = 1_000_000;
const CALLS_UNCHECKED: u32 = 256;

/// Takes `fee` off the instructions left. A message that is over its limit may go on for a while,
/// since looking at the counter takes longer than most calls; it fails all the same.
fn charge(c: &mut Ctx<'_>, name: &str, fee: u64) -> Result<()> {
    let host = c.data_mut();
    if let Some(profile) = &mut host.profile {
        profile.add(&format!("ic0.{name}"), 1, fee);
    }
    if fee <= LARGE_FEE && host.unchecked > 0 {
        host.spent += fee;
        host.unchecked -= 1;
        return Ok(());
    }
    host.unchecked = CALLS_UNCHECKED;
    let left = instructions_left(c);
    if i64::try_from(fee).is_ok_and(|fee| fee <= left) {
        c.data_mut().spent += fee;
        return Ok(());
    }
    let reject = out_of_instructions(c.data(), left, fee);
    fail(c, reject)
}

fn instructions_left(c: &mut Ctx<'_>) -> i64 {
    let counter = c.data().counter.expect("an instrumented module has a counter");
    let left = counter.get(&mut *c).i64().expect("the counter is an i64");
    left.saturating_sub_unsigned(c.data().spent)
}

fn out_of_instructions(host: &Host, left: i64, fee: u64) -> Reject {
    let message = host.message();
    let slice = host.environment().limits.slice_instructions;
    if message.mode.replicated() && fee > slice {
        let used = (message.limit as i64 - left) as u64 % slice;
        let text = format!(
            "Canister attempted to perform a large memory operation that used {} instructions and exceeded the slice limit {slice}",
            fee.saturating_add(used)
        );
        return Reject::new(ErrorCode::CanisterInstructionLimitExceeded, text);
    }
    limit_exceeded(message.limit)
}

/// The reject of a message that ran into its limit.
pub(crate) fn limit_exceeded(limit: u64) -> Reject {
    let text = format!("Canister exceeded the limit of {limit} instructions for single message execution");
    Reject::new(ErrorCode::CanisterInstructionLimitExceeded, text)
}

/// Stops the message.
fn fail<T>(c: &mut Ctx<'_>, mut reject: Reject) -> Result<T> {
    let traps = matches!(reject.code, ErrorCode::CanisterTrapped | ErrorCode::CanisterCalledTrap);
    if traps && reject.backtrace.is_empty() {
        reject.backtrace = backtrace(&WasmBacktrace::capture(&*c));
    }
    c.data_mut().output.error = Some(reject);
    Err(wasmtime::Error::msg("stopped by the System API"))
}

fn with_host<T>(c: &mut Ctx<'_>, f: impl FnOnce(&mut Host) -> Result<T, Reject>) -> Result<T> {
    let done = f(c.data_mut());
    done.or_else(|reject| fail(c, reject))
}

/// Gives `f` the heap and the host.
fn with_heap<T>(c: &mut Ctx<'_>, f: impl FnOnce(&mut [u8], &mut Host) -> Result<T, Reject>) -> Result<T> {
    let Some(memory) = c.data().memory else {
        return fail(c, Reject::contract("WebAssembly module must define memory"));
    };
    let (heap, host) = memory.data_and_store_mut(&mut *c);
    f(heap, host).or_else(|reject| fail(c, reject))
}

/// The bytes at `offset`, or the replica's words for a range outside of them.
fn part<'a>(what: &str, from: &'a [u8], offset: u64, len: u64) -> Result<&'a [u8], Reject> {
    let range = range(offset, len, from.len());
    range.map(|range| &from[range]).ok_or_else(|| out_of_range(what, offset, len, from.len()))
}

fn part_mut<'a>(what: &str, from: &'a mut [u8], offset: u64, len: u64) -> Result<&'a mut [u8], Reject> {
    let (size, range) = (from.len(), range(offset, len, from.len()));
    range.map(|range| &mut from[range]).ok_or_else(|| out_of_range(what, offset, len, size))
}

fn range(offset: u64, len: u64, size: usize) -> Option<std::ops::Range<usize>> {
    let end = offset.checked_add(len).filter(|end| *end <= size as u64)?;
    Some(offset as usize..end as usize)
}

fn out_of_range(what: &str, offset: u64, len: u64, size: usize) -> Reject {
    Reject::contract(format!("{what}: src={offset} + length={len} exceeds the slice size={size}"))
}

/// The source and the target of a copying function.
struct Span<P> {
    dst: P,
    offset: P,
    size: P,
}

/// Copies a part of what `source` picks to the heap; `label` is what the replica calls the source.
fn copy_out<P: Ptr>(
    c: &mut Ctx<'_>,
    api: &Api,
    label: &str,
    span: &Span<P>,
    source: impl FnOnce(&Host) -> &[u8],
) -> Result<()> {
    enter(c, api, span.size.get())?;
    with_heap(c, |heap, host| {
        let size = span.size.get();
        let target = part_mut(&format!("ic0.{} heap", api.name), heap, span.dst.get(), size)?;
        let bytes = part(&format!("ic0.{} {label}", api.name), source(host), span.offset.get(), size)?;
        target.copy_from_slice(bytes);
        Ok(())
    })
}
