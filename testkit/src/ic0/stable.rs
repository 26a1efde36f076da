//! Stable memory, by 64-bit and by 32-bit addresses. The order of charges and checks is the
//! replica's: the length first, then the bounds, then the pages, then the heap.

use wasmtime::{Linker, Result, WasmBacktrace};

use super::{Ctx, Ptr, charge, fail};
use crate::backtrace::frame_names;
use crate::host::Host;
use crate::limits::PageLimits;
use crate::reject::{ErrorCode, Reject};
use crate::stable::PAGE;

const ACCESS: u64 = 20;
const GROW: u64 = 100;
/// The price of the first write to a page of 4 KiB in a message.
pub(crate) const DIRTY_PAGE: u64 = 1_000;
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
        charge(&mut c, "stable64_grow", GROW)?;
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
        check_narrow(c.data()).or_else(|stop| trap(&mut c, "stable_size", stop))?;
        Ok(c.data().stable.pages() as u32)
    })?;
    l.func_wrap("ic0", "stable_grow", |mut c: Ctx<'_>, pages: u32| -> Result<u32> {
        check_narrow(c.data()).or_else(|stop| trap(&mut c, "stable_grow", stop))?;
        charge(&mut c, "stable_grow", GROW)?;
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
    charge(c, access.name, ACCESS.saturating_add(access.size))?;
    let done = with_memory(c, |heap, host| {
        if access.narrow {
            check_narrow(host)?;
        }
        if access.size == 0 {
            return Ok(());
        }
        check_bounds::<P>(host, access)?;
        host.stable.mark_read(access.stable, access.size);
        host.stable_use.reads += 1;
        host.stable_use.bytes_read += access.size;
        host.stable_use.last_read = Some(access.stable);
        check_pages(host)?;
        host.stable.read(access.stable, heap_part(heap, access)?);
        Ok(())
    });
    done.or_else(|stop| trap(c, access.name, stop))
}

fn write<P: Ptr>(c: &mut Ctx<'_>, access: &Access) -> Result<()> {
    charge(c, access.name, ACCESS.saturating_add(access.size))?;
    let done = with_memory(c, |heap, host| {
        if access.narrow {
            check_narrow(host)?;
            check_bounds::<P>(host, access)?;
        }
        if access.size == 0 {
            return Ok(());
        }
        check_bounds::<P>(host, access)?;
        let fresh = host.stable.mark_written(access.stable, access.size);
        host.stable_use.writes += 1;
        host.stable_use.bytes_written += access.size;
        check_pages(host)?;
        host.spent += fresh * DIRTY_PAGE;
        host.stable.write(access.stable, heap_part(heap, access)?);
        Ok(())
    });
    done.or_else(|stop| trap(c, access.name, stop))
}

/// Why an access is stopped.
enum Stop {
    HeapBounds,
    StableBounds,
    TooBigFor32Bits,
    Pages,
}

fn with_memory<T>(c: &mut Ctx<'_>, f: impl FnOnce(&mut [u8], &mut Host) -> T) -> T {
    match c.data().memory {
        Some(memory) => {
            let (heap, host) = memory.data_and_store_mut(c);
            f(heap, host)
        }
        None => f(&mut [], c.data_mut()),
    }
}

fn heap_part<'a>(heap: &'a mut [u8], access: &Access) -> Result<&'a mut [u8], Stop> {
    super::range(access.heap, access.size, heap.len()).map(|range| &mut heap[range]).ok_or(Stop::HeapBounds)
}

fn check_narrow(host: &Host) -> Result<(), Stop> {
    if host.stable.pages() > NARROW_PAGES { Err(Stop::TooBigFor32Bits) } else { Ok(()) }
}

/// A 32-bit heap has no address beyond 4 GiB; that is found before any page is charged.
fn check_bounds<P: Ptr>(host: &Host, access: &Access) -> Result<(), Stop> {
    if !host.stable.contains(access.stable, access.size) {
        return Err(Stop::StableBounds);
    }
    if !P::WIDE && access.heap.max(access.size) > u64::from(u32::MAX) {
        return Err(Stop::HeapBounds);
    }
    Ok(())
}

fn check_pages(host: &Host) -> Result<(), Stop> {
    let (_, touched) = host.stable.page_counts();
    if touched > host.page_limit { Err(Stop::Pages) } else { Ok(()) }
}

/// Returns the failure of a call to stable memory. The replica implements these functions in wasm,
/// where a backtrace names them.
fn trap<T>(c: &mut Ctx<'_>, name: &str, stop: Stop) -> Result<T> {
    let mut reject = match stop {
        Stop::Pages => return fail(c, page_limit_exceeded(c.data())),
        Stop::HeapBounds => Reject::trapped("heap out of bounds"),
        Stop::StableBounds => Reject::trapped("stable memory out of bounds"),
        Stop::TooBigFor32Bits => Reject::trapped("32 bit stable memory api used on a memory larger than 4GB"),
    };
    reject.backtrace = vec![name.to_owned()];
    reject.backtrace.extend(frame_names(&WasmBacktrace::capture(&*c)));
    fail(c, reject)
}

fn page_limit_exceeded(host: &Host) -> Reject {
    let PageLimits { message, upgrade, query } = host.environment().limits.stable_pages;
    let [message, upgrade, query] = [message, upgrade, query].map(|pages| pages * PAGE / 1024);
    let (written, _) = host.stable.page_counts();
    let text = if written > host.page_limit {
        format!(
            "modified pages in the stable memory in a single execution: limit {message} KB for regular messages, {upgrade} KB for upgrade messages and {query} KB for queries."
        )
    } else {
        format!(
            "accessed pages in the stable memory in a single message execution: limit {message} KB for regular messages and {query} KB for queries."
        )
    };
    let text = format!("Canister exceeded memory access limits: Exceeded the limit for the number of {text}");
    Reject::new(ErrorCode::CanisterMemoryAccessLimitExceeded, text)
}
