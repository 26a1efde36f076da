//! Cycles: the balance of the canister, and those that are sent with calls and refunded.

use wasmtime::{Linker, Result};

use super::modes::{CALLBACKS, CYCLES, LASTING, NOT_START};
use super::{Api, Ctx, Ptr, api, enter, with_heap, with_host};
use crate::host::Host;
use crate::reject::Reject;

const BALANCE: Api = api("canister_cycle_balance128", NOT_START);
const BALANCE_64: Api = api("canister_cycle_balance", NOT_START);
const LIQUID: Api = api("canister_liquid_cycle_balance128", NOT_START);
const AVAILABLE: Api = api("msg_cycles_available128", CYCLES);
const AVAILABLE_64: Api = api("msg_cycles_available", CYCLES);
const REFUNDED: Api = api("msg_cycles_refunded128", CALLBACKS);
const REFUNDED_64: Api = api("msg_cycles_refunded", CALLBACKS);
const ACCEPT: Api = api("msg_cycles_accept128", CYCLES);
const ACCEPT_64: Api = api("msg_cycles_accept", CYCLES);
const BURN: Api = api("cycles_burn128", LASTING);

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    amount::<P>(l, &BALANCE, Some(&BALANCE_64), |host| host.system.cycles)?;
    amount::<P>(l, &LIQUID, None, |host| host.system.cycles)?;
    amount::<P>(l, &AVAILABLE, Some(&AVAILABLE_64), available)?;
    amount::<P>(l, &REFUNDED, Some(&REFUNDED_64), |host| host.message().cycles_refunded)?;
    l.func_wrap("ic0", ACCEPT.name, |mut c: Ctx<'_>, high: u64, low: u64, dst: P| {
        enter(&mut c, &ACCEPT, 0)?;
        with_heap(&mut c, |heap, host| {
            let taken = accept(host, parts(high, low));
            store(ACCEPT.name, heap, dst.get(), taken)
        })
    })?;
    l.func_wrap("ic0", ACCEPT_64.name, |mut c: Ctx<'_>, most: u64| {
        enter(&mut c, &ACCEPT_64, 0)?;
        with_host(&mut c, |host| Ok(accept(host, most.into()) as u64))
    })?;
    l.func_wrap("ic0", BURN.name, |mut c: Ctx<'_>, high: u64, low: u64, dst: P| {
        enter(&mut c, &BURN, 0)?;
        with_heap(&mut c, |heap, host| {
            let burnt = parts(high, low).min(host.system.cycles);
            host.system.cycles -= burnt;
            store(BURN.name, heap, dst.get(), burnt)
        })
    })?;
    Ok(())
}

/// Defines two functions for an amount: one that stores 128 bits, and the old one that returns 64.
fn amount<P: Ptr>(
    l: &mut Linker<Host>,
    api: &'static Api,
    narrow: Option<&'static Api>,
    get: fn(&Host) -> u128,
) -> Result<()> {
    l.func_wrap("ic0", api.name, move |mut c: Ctx<'_>, dst: P| {
        enter(&mut c, api, 0)?;
        with_heap(&mut c, |heap, host| store(api.name, heap, dst.get(), get(host)))
    })?;
    if let Some(narrow) = narrow {
        l.func_wrap("ic0", narrow.name, move |mut c: Ctx<'_>| -> Result<u64> {
            enter(&mut c, narrow, 0)?;
            with_host(&mut c, |host| {
                u64::try_from(get(host))
                    .map_err(|_| Reject::trapped("cycles amount exceeds 64-bit representation"))
            })
        })?;
    }
    Ok(())
}

fn available(host: &Host) -> u128 {
    host.message().cycles_available - host.output.cycles_accepted
}

fn accept(host: &mut Host, most: u128) -> u128 {
    let taken = most.min(available(host));
    host.output.cycles_accepted += taken;
    host.system.cycles += taken;
    taken
}

/// Joins two halves to 128 bits.
pub(super) fn parts(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Stores the 16 bytes of an amount at `dst`.
pub(super) fn store(name: &str, heap: &mut [u8], dst: u64, amount: u128) -> Result<(), Reject> {
    let bytes = amount.to_le_bytes();
    let size = bytes.len() as u64;
    let Some(range) = super::range(dst, size, heap.len()) else {
        return Err(Reject::contract(format!(
            "ic0_{name} failed because dst + size is out of bounds.Found dst = {dst} and size = {size} while must be <= {}",
            heap.len()
        )));
    };
    heap[range].copy_from_slice(&bytes);
    Ok(())
}
