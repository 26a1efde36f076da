//! The input of a message: its argument, its caller, its method, or why a call was rejected.

use wasmtime::{Linker, Result};

use super::modes::{ARGUMENT, CALLBACKS, INSPECT, NOT_START, REJECTED};
use super::{Api, Ctx, Ptr, Span, api, copy_out, enter, with_host};
use crate::host::Host;

const ARG_SIZE: Api = api("msg_arg_data_size", ARGUMENT);
const ARG_COPY: Api = api("msg_arg_data_copy", ARGUMENT);
const CALLER_SIZE: Api = api("msg_caller_size", NOT_START);
const CALLER_COPY: Api = api("msg_caller_copy", NOT_START);
const METHOD_SIZE: Api = api("msg_method_name_size", INSPECT);
const METHOD_COPY: Api = api("msg_method_name_copy", INSPECT);
const ACCEPT: Api = api("accept_message", INSPECT);
const REJECT_CODE: Api = api("msg_reject_code", CALLBACKS);
const REJECT_SIZE: Api = api("msg_reject_msg_size", REJECTED);
const REJECT_COPY: Api = api("msg_reject_msg_copy", REJECTED);
const DEADLINE: Api = api("msg_deadline", super::modes::ANSWER);

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    bytes::<P>(l, &ARG_SIZE, &ARG_COPY, "payload", |host| &host.message().arg)?;
    bytes::<P>(l, &CALLER_SIZE, &CALLER_COPY, "id", |host| host.message().caller.as_slice())?;
    bytes::<P>(l, &METHOD_SIZE, &METHOD_COPY, "method name", |host| host.message().method.as_bytes())?;
    bytes::<P>(l, &REJECT_SIZE, &REJECT_COPY, "msg", |host| {
        host.message().reject.as_ref().map_or(&[], |(_, text)| text.as_bytes())
    })?;
    // Signed sender information is something only the newest replicas attach; here there is none.
    for name in ["msg_caller_info_data", "msg_caller_info_signer"] {
        l.func_wrap("ic0", &format!("{name}_size"), |mut c: Ctx<'_>| {
            enter(&mut c, &CALLER_SIZE, 0)?;
            Ok(P::make(0))
        })?;
        l.func_wrap("ic0", &format!("{name}_copy"), |mut c: Ctx<'_>, dst: P, offset: P, size: P| {
            copy_out(&mut c, &CALLER_COPY, "info", &Span { dst, offset, size }, |_| &[])
        })?;
    }
    l.func_wrap("ic0", "accept_message", |mut c: Ctx<'_>| {
        enter(&mut c, &ACCEPT, 0)?;
        with_host(&mut c, |host| {
            host.output.accepted = true;
            Ok(())
        })
    })?;
    l.func_wrap("ic0", "msg_reject_code", |mut c: Ctx<'_>| -> Result<u32> {
        enter(&mut c, &REJECT_CODE, 0)?;
        Ok(c.data().message().reject.as_ref().map_or(0, |(code, _)| *code))
    })?;
    l.func_wrap("ic0", "msg_deadline", |mut c: Ctx<'_>| -> Result<u64> {
        enter(&mut c, &DEADLINE, 0)?;
        Ok(c.data().message().deadline)
    })?;
    Ok(())
}

/// The two functions by which a canister gets at some bytes: their number, and a copy of them.
pub(super) fn bytes<P: Ptr>(
    l: &mut Linker<Host>,
    size_api: &'static Api,
    copy_api: &'static Api,
    label: &'static str,
    source: fn(&Host) -> &[u8],
) -> Result<()> {
    l.func_wrap("ic0", size_api.name, move |mut c: Ctx<'_>| -> Result<P> {
        enter(&mut c, size_api, 0)?;
        Ok(P::make(source(c.data()).len() as u64))
    })?;
    l.func_wrap("ic0", copy_api.name, move |mut c: Ctx<'_>, dst: P, offset: P, size: P| {
        copy_out(&mut c, copy_api, label, &Span { dst, offset, size }, source)
    })?;
    Ok(())
}
