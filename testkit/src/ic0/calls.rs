//! Calls that the canister makes. This file records them; `canister::calls` delivers them.

use wasmtime::{Linker, Result};

use super::cycles::parts;
use super::modes::CALLS;
use super::{Api, BYTE_SENT, Ctx, Ptr, api, enter, fail, part, with_heap, with_host};
use crate::host::Host;
use crate::message::{Call, Closure, Mode};
use crate::reject::Reject;

const NEW: Api = Api { name: "call_new", price: 1_500, modes: CALLS };
const ON_CLEANUP: Api = api("call_on_cleanup", CALLS);
const APPEND: Api = api("call_data_append", CALLS);
const BEST_EFFORT: Api = api("call_with_best_effort_response", CALLS);
const ADD_CYCLES: Api = api("call_cycles_add128", CALLS);
const ADD_CYCLES_64: Api = api("call_cycles_add", CALLS);
const PERFORM: Api = Api { name: "call_perform", price: 5_000, modes: CALLS };

const MAX_PAYLOAD: u64 = 2 << 20;
/// The error code by which `call_perform` says that the call could not be made now.
const SYS_TRANSIENT: u32 = 2;

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap(
        "ic0",
        NEW.name,
        |mut c: Ctx<'_>, callee: P, callee_size: P, name: P, name_size: P, f: P, e: P, rf: P, re: P| {
            let closure = |f: P, e: P| Closure { function: f.get() as u32, env: e.get() };
            let (on_reply, on_reject) = (closure(f, e), closure(rf, re));
            new::<P>(&mut c, [callee, callee_size, name, name_size], on_reply, on_reject)
        },
    )?;
    l.func_wrap("ic0", ON_CLEANUP.name, |mut c: Ctx<'_>, f: P, e: P| {
        enter(&mut c, &ON_CLEANUP, 0)?;
        with_draft(&mut c, ON_CLEANUP.name, |call| {
            call.on_cleanup = Some(Closure { function: f.get() as u32, env: e.get() });
        })
    })?;
    l.func_wrap("ic0", APPEND.name, |mut c: Ctx<'_>, src: P, size: P| append(&mut c, src, size))?;
    l.func_wrap("ic0", BEST_EFFORT.name, |mut c: Ctx<'_>, seconds: u32| {
        enter(&mut c, &BEST_EFFORT, 0)?;
        with_draft(&mut c, BEST_EFFORT.name, |call| call.timeout_seconds = Some(seconds))
    })?;
    l.func_wrap("ic0", ADD_CYCLES.name, |mut c: Ctx<'_>, high: u64, low: u64| {
        enter(&mut c, &ADD_CYCLES, 0)?;
        add_cycles(&mut c, parts(high, low))
    })?;
    l.func_wrap("ic0", ADD_CYCLES_64.name, |mut c: Ctx<'_>, amount: u64| {
        enter(&mut c, &ADD_CYCLES_64, 0)?;
        add_cycles(&mut c, amount.into())
    })?;
    l.func_wrap("ic0", PERFORM.name, |mut c: Ctx<'_>| perform(&mut c))?;
    Ok(())
}

fn new<P: Ptr>(c: &mut Ctx<'_>, names: [P; 4], on_reply: Closure, on_reject: Closure) -> Result<()> {
    let [callee, callee_size, name, name_size] = names.map(P::get);
    enter(c, &NEW, callee_size.saturating_add(name_size))?;
    with_heap(c, |heap, host| {
        let method = part("ic0.call_new method_name", heap, name, name_size)?;
        let method = String::from_utf8_lossy(method).into_owned();
        let callee = part("ic0.call_new callee_src", heap, callee, callee_size)?.to_vec();
        drop_draft(host);
        host.output.draft = Some(Call {
            callee,
            method,
            payload: Vec::new(),
            on_reply,
            on_reject,
            on_cleanup: None,
            cycles: 0,
            timeout_seconds: None,
        });
        Ok(())
    })
}

/// Drops a call that was never performed, and returns its cycles.
fn drop_draft(host: &mut Host) {
    if let Some(draft) = host.output.draft.take() {
        host.system.cycles += draft.cycles;
    }
}

fn append<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<()> {
    enter(c, &APPEND, BYTE_SENT.saturating_mul(size.get()))?;
    with_heap(c, |heap, host| {
        let Some(draft) = &mut host.output.draft else { return Err(no_draft(APPEND.name)) };
        let bytes = part("ic0.call_data_append", heap, src.get(), size.get())?;
        let total = (draft.payload.len() + bytes.len()) as u64;
        if total > MAX_PAYLOAD {
            return Err(Reject::contract(format!(
                "ic0.call_data_append: the size of the call's data ({total}) cannot be larger than {MAX_PAYLOAD}"
            )));
        }
        draft.payload.extend_from_slice(bytes);
        Ok(())
    })
}

fn add_cycles(c: &mut Ctx<'_>, amount: u128) -> Result<()> {
    with_host(c, |host| {
        let Some(draft) = &mut host.output.draft else { return Err(no_draft(ADD_CYCLES.name)) };
        let Some(rest) = host.system.cycles.checked_sub(amount) else {
            return Err(Reject::contract("the canister has not enough cycles for the call"));
        };
        host.system.cycles = rest;
        draft.cycles += amount;
        Ok(())
    })
}

fn perform(c: &mut Ctx<'_>) -> Result<u32> {
    enter(c, &PERFORM, 0)?;
    let Some(call) = c.data_mut().output.draft.take() else {
        return fail(c, no_draft(PERFORM.name));
    };
    if c.data().message().mode == Mode::CompositeQuery {
        // Queries of other canisters cannot be answered here.
        c.data_mut().system.cycles += call.cycles;
        return Ok(SYS_TRANSIENT);
    }
    c.data_mut().output.calls.push(call);
    Ok(0)
}

fn with_draft(c: &mut Ctx<'_>, name: &str, f: impl FnOnce(&mut Call)) -> Result<()> {
    with_host(c, |host| host.output.draft.as_mut().map(f).ok_or_else(|| no_draft(name)))
}

fn no_draft(name: &str) -> Reject {
    Reject::contract(format!("ic0.{name} called when no call is under construction."))
}
