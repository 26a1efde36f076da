//! Stable memory, by 64-bit and by 32-bit addresses. The order of charges and checks is the replica's:
//! the length first, then the bounds, then the pages, then the heap.

use wasmtime::{Linker, Result, WasmBacktrace};

use super::{Ctx, Ptr, charge, fail, with_host};
use crate::executor::frame_names;
use crate::host::Host;
use crate::message::Mode;
use crate::reject::{ErrorCode, Reject};
use crate::stable::{PAGE, StableMemory};

const ACCESS: u64 = 20;
const GROW: u64 = 100;
const DIRTY_PAGE: u64 = 1_000;
const FAILED: u64 = u64::MAX;
/// Wasm pages that 32-bit addresses reach.
const NARROW_PAGES: u64 = 1 << 16;

/// One access: which function made it, and between where.
struct Access {
    name: &'static str,
    /// The old functions have 32-bit addresses.
    narrow: bool,
    stable: u64,
    heap: u64,
    size: u64,
}

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", "stable64_size", |c: Ctx<'_>| c.data().stable.pages())?;
    l.func_wrap("ic0", "stable64_grow", |mut c: Ctx<'_>, pages: u64| -> Result<u64> {
        charge(&mut c, GROW)?;
        Ok(c.data_mut().stable.grow(pages).unwrap_or(FAILED))
    })?;
    l.func_wrap("ic0", "stable64_read", |mut c: Ctx<'_>, heap: u64, stable: u64, size: u64| {
        read::<P>(&mut c, &Access { name: "stable64_read", narrow: false, stable, heap, size })
    })?;
    l.func_wrap("ic0", "stable64_write", |mut c: Ctx<'_>, stable: u64, heap: u64, size: u64| {
        write::<P>(&mut c, &Access { name: "stable64_write", narrow: false, stable, heap, size })
    })?;
    link_narrow::<P>(l)
}

fn link_narrow<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", "stable_size", |mut c: Ctx<'_>| -> Result<u32> {
        check_narrow(&mut c, "stable_size")?;
        Ok(c.data().stable.pages() as u32)
    })?;
    l.func_wrap("ic0", "stable_grow", |mut c: Ctx<'_>, pages: u32| -> Result<u32> {
        check_narrow(&mut c, "stable_grow")?;
        charge(&mut c, GROW)?;
        let stable = &mut c.data_mut().stable;
        let fits = stable.pages() + u64::from(pages) <= NARROW_PAGES;
        Ok(if fits { stable.grow(pages.into()).unwrap_or(FAILED) } else { FAILED } as u32)
    })?;
    l.func_wrap("ic0", "stable_read", |mut c: Ctx<'_>, heap: u32, stable: u32, size: u32| {
        let (stable, heap, size) = (stable.into(), heap.into(), size.into());
        read::<P>(&mut c, &Access { name: "stable_read", narrow: true, stable, heap, size })
    })?;
    l.func_wrap("ic0", "stable_write", |mut c: Ctx<'_>, stable: u32, heap: u32, size: u32| {
        let (stable, heap, size) = (stable.into(), heap.into(), size.into());
        write::<P>(&mut c, &Access { name: "stable_write", narrow: true, stable, heap, size })
    })?;
    Ok(())
}

fn read<P: Ptr>(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    charge(c, ACCESS.saturating_add(access.size))?;
    if access.narrow {
        check_narrow(c, access.name)?;
    }
    if access.size == 0 {
        return Ok(());
    }
    check_stable(c, access)?;
    check_address::<P>(c, access)?;
    let host = c.data_mut();
    host.stable.mark_read(access.stable, access.size);
    host.stable_use.reads += 1;
    host.stable_use.bytes_read += access.size;
    check_pages(c)?;
    copy(c, access, |stable, heap| stable.read(access.stable, heap))
}

fn write<P: Ptr>(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    charge(c, ACCESS.saturating_add(access.size))?;
    if access.narrow {
        check_narrow(c, access.name)?;
        check_stable(c, access)?;
    }
    if access.size == 0 {
        return Ok(());
    }
    check_stable(c, access)?;
    check_address::<P>(c, access)?;
    let host = c.data_mut();
    let fresh = host.stable.mark_written(access.stable, access.size);
    host.stable_use.writes += 1;
    host.stable_use.bytes_written += access.size;
    if fresh > 0 {
        check_pages(c)?;
        charge(c, fresh * DIRTY_PAGE)?;
    }
    copy(c, access, |stable, heap| stable.write(access.stable, heap))
}

fn copy(c: &mut Ctx<'_>, access: &Access, f: impl FnOnce(&mut StableMemory, &mut [u8])) -> Result<()> {
    let Some(memory) = c.data().memory else { return heap_out_of_bounds(c, access) };
    let (heap, host) = memory.data_and_store_mut(&mut *c);
    let Some(range) = super::range(access.heap, access.size, heap.len()) else {
        return heap_out_of_bounds(c, access);
    };
    f(&mut host.stable, &mut heap[range]);
    Ok(())
}

/// The replica implements these functions in wasm, where a backtrace names them.
fn trap<T>(c: &mut Ctx<'_>, name: &str, what: &str) -> Result<T> {
    let mut reject = Reject::trapped(what);
    reject.backtrace = vec![name.to_owned()];
    reject.backtrace.extend(frame_names(&WasmBacktrace::capture(&*c)));
    fail(c, reject)
}

fn heap_out_of_bounds(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    trap(c, access.name, "heap out of bounds")
}

fn check_narrow(c: &mut Ctx<'_>, name: &str) -> Result<()> {
    if c.data().stable.pages() > NARROW_PAGES {
        return trap(c, name, "32 bit stable memory api used on a memory larger than 4GB");
    }
    Ok(())
}

fn check_stable(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    if !c.data().stable.contains(access.stable, access.size) {
        return trap(c, access.name, "stable memory out of bounds");
    }
    Ok(())
}

/// A 32-bit heap has no address beyond 4 GiB; that is found before any page is charged.
fn check_address<P: Ptr>(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    if !P::WIDE && u32::try_from(access.heap.max(access.size)).is_err() {
        return heap_out_of_bounds(c, access);
    }
    Ok(())
}

fn check_pages(c: &mut Ctx<'_>) -> Result<()> {
    with_host(c, |host| {
        let limits = &host.environment().limits.stable_pages;
        let mode = host.message().mode;
        let limit = match mode {
            mode if mode.installs() => limits.upgrade,
            Mode::Query | Mode::CompositeQuery => limits.query,
            _ => limits.message,
        };
        let kib = |pages: u64| pages * PAGE / 1024;
        let (written, touched) = host.stable.page_counts();
        let text = if written > limit {
            format!(
                "Exceeded the limit for the number of modified pages in the stable memory in a single execution: limit {} KB for regular messages, {} KB for upgrade messages and {} KB for queries.",
                kib(limits.message),
                kib(limits.upgrade),
                kib(limits.query)
            )
        } else if touched > limit {
            format!(
                "Exceeded the limit for the number of accessed pages in the stable memory in a single message execution: limit {} KB for regular messages and {} KB for queries.",
                kib(limits.message),
                kib(limits.query)
            )
        } else {
            return Ok(());
        };
        let text = format!("Canister exceeded memory access limits: {text}");
        Err(Reject::new(ErrorCode::CanisterMemoryAccessLimitExceeded, text))
    })
}
