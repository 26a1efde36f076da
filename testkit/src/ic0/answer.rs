//! Replies, rejects, traps and prints.

use wasmtime::{Linker, Result};

use super::modes::{ALL, ANSWER};
use super::{Api, BYTE_SENT, Ctx, Ptr, api, charge, enter, fail, part, with_heap, with_host};
use crate::host::{Host, Log};
use crate::reject::{ErrorCode, Reject};

const APPEND: Api = api("msg_reply_data_append", ANSWER);
const REPLY: Api = api("msg_reply", ANSWER);
const REJECT: Api = api("msg_reject", ANSWER);
const PRINT: Api = Api { name: "debug_print", price: 100, modes: ALL };
const TRAP: Api = api("trap", ALL);

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", APPEND.name, |mut c: Ctx<'_>, src: P, size: P| append(&mut c, src, size))?;
    l.func_wrap("ic0", REPLY.name, |mut c: Ctx<'_>| {
        enter(&mut c, &REPLY, 0)?;
        with_host(&mut c, |host| {
            check_unanswered(host, "msg_reply")?;
            host.output.response = Some(Ok(std::mem::take(&mut host.output.data)));
            Ok(())
        })
    })?;
    l.func_wrap("ic0", REJECT.name, |mut c: Ctx<'_>, src: P, size: P| reject(&mut c, src, size))?;
    l.func_wrap("ic0", PRINT.name, |mut c: Ctx<'_>, src: P, size: P| print(&mut c, src, size))?;
    l.func_wrap("ic0", TRAP.name, |mut c: Ctx<'_>, src: P, size: P| trap(&mut c, src, size))?;
    Ok(())
}

fn append<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<()> {
    enter(c, &APPEND, BYTE_SENT.saturating_mul(size.get()))?;
    with_heap(c, |heap, host| {
        check_unanswered(host, "msg_reply_data_append")?;
        check_size(
            host,
            "msg_reply_data_append",
            (host.output.data.len() as u64).saturating_add(size.get()),
        )?;
        let bytes = part("msg.reply", heap, src.get(), size.get())?;
        host.output.data.extend_from_slice(bytes);
        Ok(())
    })
}

fn reject<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<()> {
    enter(c, &REJECT, BYTE_SENT.saturating_mul(size.get()))?;
    with_heap(c, |heap, host| {
        check_unanswered(host, "msg_reject")?;
        check_size(host, "msg_reject", size.get())?;
        let bytes = part("ic0.msg_reject", heap, src.get(), size.get())?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Reject::contract("ic0.msg_reject: invalid UTF-8 string provided"))?;
        host.output.response = Some(Err(Reject::new(ErrorCode::CanisterRejectedMessage, text)));
        Ok(())
    })
}

fn check_unanswered(host: &Host, name: &str) -> Result<(), Reject> {
    if host.output.response.is_some() || host.message().answered {
        return Err(Reject::contract(format!("ic0.{name}: the call is already replied")));
    }
    Ok(())
}

fn check_size(host: &Host, name: &str, size: u64) -> Result<(), Reject> {
    let limits = &host.environment().limits;
    let limit =
        if host.message().mode.replicated() { limits.update_reply_bytes } else { limits.query_reply_bytes };
    if size > limit as u64 {
        let text = format!("ic0.{name}: application payload size ({size}) cannot be larger than {limit}");
        return Err(Reject::contract(text));
    }
    Ok(())
}

/// Returns the price of a log line: 2 for each byte that the log could hold, and 50 for each that
/// it has room for.
fn log_price(host: &Host, len: u64) -> u64 {
    2 * len.min(Log::CAPACITY as u64) + BYTE_SENT * len.min(host.log.room() as u64)
}

fn print<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<()> {
    let price = log_price(c.data(), size.get());
    enter(c, &PRINT, price)?;
    with_heap(c, |heap, host| {
        let text = part("", heap, src.get(), size.get());
        host.log.add(text.unwrap_or(b"(debug_print message out of memory bounds)"));
        Ok(())
    })
}

fn trap<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<()> {
    let price = log_price(c.data(), size.get());
    charge(c, TRAP.name, TRAP.price.saturating_add(size.get()).saturating_add(price))?;
    let text = with_heap(c, |heap, _| {
        let text = part("", heap, src.get(), size.get());
        Ok(String::from_utf8_lossy(text.unwrap_or(b"(trap message out of memory bounds)")).into_owned())
    })?;
    let message = format!("Canister called `ic0.trap` with message: '{text}'");
    fail(c, Reject::new(ErrorCode::CanisterCalledTrap, message))
}
