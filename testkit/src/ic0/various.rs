//! Functions that fit nowhere else: the clock, the timer, the performance counter, certified data,
//! and environment variables.

use wasmtime::{Linker, Result};

use super::modes::{ALL, CERTIFICATE, CERTIFY, NOT_START, TIMER};
use super::{Api, Ctx, Ptr, Span, api, copy_out, enter, fail, instructions_left, with_heap, with_host};
use crate::host::Host;
use crate::message::Mode;
use crate::reject::Reject;

const TIME: Api = api("time", NOT_START);
const SET_TIMER: Api = api("global_timer_set", TIMER);
const COUNTER: Api = Api { name: "performance_counter", price: 200, modes: ALL };
const CERTIFIED_SET: Api = api("certified_data_set", CERTIFY);
const PRESENT: Api = api("data_certificate_present", NOT_START);
const CERTIFICATE_SIZE: Api = api("data_certificate_size", CERTIFICATE);
const CERTIFICATE_COPY: Api = api("data_certificate_copy", CERTIFICATE);
const ENV_VAR: Api = api("env_var", NOT_START);
const MAX_CERTIFIED: u64 = 32;

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", TIME.name, |mut c: Ctx<'_>| -> Result<u64> {
        enter(&mut c, &TIME, 0)?;
        Ok(c.data().environment().now)
    })?;
    l.func_wrap("ic0", SET_TIMER.name, |mut c: Ctx<'_>, at: u64| -> Result<u64> {
        enter(&mut c, &SET_TIMER, 0)?;
        Ok(std::mem::replace(&mut c.data_mut().system.global_timer, at))
    })?;
    l.func_wrap("ic0", COUNTER.name, |mut c: Ctx<'_>, kind: u32| counter(&mut c, kind))?;
    l.func_wrap("ic0", CERTIFIED_SET.name, |mut c: Ctx<'_>, src: P, size: P| {
        certify(&mut c, src.get(), size.get())
    })?;
    link_certificate::<P>(l)?;
    link_environment::<P>(l)
}

fn counter(c: &mut Ctx<'_>, kind: u32) -> Result<u64> {
    enter(c, &COUNTER, 0)?;
    let left = instructions_left(c);
    let message = c.data().message();
    let used = (message.limit as i64 - left) as u64;
    let is_ended = c.data().environment().counter_end.is_some_and(|end| used >= end);
    match kind {
        0 | 1 if is_ended => Ok(u64::MAX),
        0 => Ok(used),
        1 => Ok(used + message.instructions_before),
        _ => fail(c, Reject::contract(format!("Error getting performance counter type {kind}"))),
    }
}

fn certify(c: &mut Ctx<'_>, src: u64, size: u64) -> Result<()> {
    enter(c, &CERTIFIED_SET, size)?;
    with_heap(c, |heap, host| {
        if size > MAX_CERTIFIED {
            return Err(Reject::contract(format!(
                "ic0_certified_data_set failed because the passed data must be no larger than {MAX_CERTIFIED} bytes. Found {size} bytes"
            )));
        }
        let Some(range) = super::range(src, size, heap.len()) else {
            return Err(Reject::contract(format!(
                "ic0_certified_data_set failed because src + size is out of bounds. Found src = {src} and size = {size} while src + size must be <= {}",
                heap.len()
            )));
        };
        host.system.certified_data = heap[range].to_vec();
        Ok(())
    })
}

/// Queries carry an empty certificate: there is nobody here to sign one.
fn link_certificate<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", PRESENT.name, |mut c: Ctx<'_>| -> Result<u32> {
        enter(&mut c, &PRESENT, 0)?;
        Ok(matches!(c.data().message().mode, Mode::Query | Mode::CompositeQuery).into())
    })?;
    l.func_wrap("ic0", CERTIFICATE_SIZE.name, |mut c: Ctx<'_>| -> Result<P> {
        enter(&mut c, &CERTIFICATE_SIZE, 0)?;
        Ok(P::make(0))
    })?;
    l.func_wrap("ic0", CERTIFICATE_COPY.name, |mut c: Ctx<'_>, _dst: P, offset: P, size: P| {
        enter(&mut c, &CERTIFICATE_COPY, size.get())?;
        with_host(&mut c, |_| {
            let (offset, size) = (offset.get(), size.get());
            if offset.saturating_add(size) > 0 {
                return Err(Reject::contract(format!(
                    "ic0_data_certificate_copy failed because offset + size is out of bounds. Found offset = {offset} and size = {size} while offset + size must be <= 0"
                )));
            }
            Ok(())
        })
    })?;
    Ok(())
}

/// The canister has no environment variables.
fn link_environment<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    const MISSING: &str = "there are no environment variables";
    l.func_wrap("ic0", "env_var_count", |mut c: Ctx<'_>| -> Result<P> {
        enter(&mut c, &ENV_VAR, 0)?;
        Ok(P::make(0))
    })?;
    l.func_wrap("ic0", "env_var_name_exists", |mut c: Ctx<'_>, _src: P, _size: P| -> Result<u32> {
        enter(&mut c, &ENV_VAR, 0)?;
        Ok(0)
    })?;
    l.func_wrap("ic0", "env_var_name_size", |mut c: Ctx<'_>, _index: P| -> Result<P> {
        enter(&mut c, &ENV_VAR, 0)?;
        fail(&mut c, Reject::contract(MISSING))
    })?;
    l.func_wrap("ic0", "env_var_value_size", |mut c: Ctx<'_>, _src: P, _size: P| -> Result<P> {
        enter(&mut c, &ENV_VAR, 0)?;
        fail(&mut c, Reject::contract(MISSING))
    })?;
    l.func_wrap("ic0", "env_var_name_copy", |mut c: Ctx<'_>, _: P, dst: P, offset: P, size: P| {
        copy_out(&mut c, &ENV_VAR, "name", &Span { dst, offset, size }, |_| &[])
    })?;
    l.func_wrap(
        "ic0",
        "env_var_value_copy",
        |mut c: Ctx<'_>, _src: P, _len: P, dst: P, offset: P, size: P| {
            copy_out(&mut c, &ENV_VAR, "value", &Span { dst, offset, size }, |_| &[])
        },
    )?;
    Ok(())
}
