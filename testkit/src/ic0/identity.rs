//! Identities: the canister, its controllers, its subnet, its version and status.

use candid::Principal;
use wasmtime::{Linker, Result};

use super::input::bytes;
use super::modes::{ALL, LASTING, NOT_START};
use super::{Api, Ctx, Ptr, api, enter, part, with_heap};
use crate::host::Host;
use crate::reject::{ErrorCode, Reject};

const SELF_SIZE: Api = api("canister_self_size", NOT_START);
const SELF_COPY: Api = api("canister_self_copy", NOT_START);
const SUBNET_SIZE: Api = api("subnet_self_size", NOT_START);
const SUBNET_COPY: Api = api("subnet_self_copy", NOT_START);
const SUBNET_NODES: Api = api("subnet_self_node_count", NOT_START);
const ROOT_KEY_SIZE: Api = api("root_key_size", LASTING);
const ROOT_KEY_COPY: Api = api("root_key_copy", LASTING);
const IS_CONTROLLER: Api = Api { name: "is_controller", price: 1_000, modes: ALL };
const VERSION: Api = api("canister_version", NOT_START);
const STATUS: Api = api("canister_status", NOT_START);
const REPLICATED: Api = api("in_replicated_execution", ALL);

/// A fictional subnet; canisters see that it exists.
const SUBNET: Principal = Principal::from_slice(&[7, 2]);
const SUBNET_NODE_COUNT: u32 = 13;
/// A key as long as a DER-encoded BLS key.
const ROOT_KEY: [u8; 133] = [0; 133];
const RUNNING: u32 = 1;
const MAX_PRINCIPAL: u64 = 29;

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    bytes::<P>(l, &SELF_SIZE, &SELF_COPY, "id", |host| host.environment().canister_id.as_slice())?;
    bytes::<P>(l, &SUBNET_SIZE, &SUBNET_COPY, "id", |_| {
        const BYTES: &[u8] = SUBNET.as_slice();
        BYTES
    })?;
    bytes::<P>(l, &ROOT_KEY_SIZE, &ROOT_KEY_COPY, "key", |_| &ROOT_KEY)?;
    l.func_wrap("ic0", SUBNET_NODES.name, |mut c: Ctx<'_>| -> Result<u32> {
        enter(&mut c, &SUBNET_NODES, 0)?;
        Ok(SUBNET_NODE_COUNT)
    })?;
    l.func_wrap("ic0", VERSION.name, |mut c: Ctx<'_>| -> Result<u64> {
        enter(&mut c, &VERSION, 0)?;
        Ok(c.data().system.version)
    })?;
    l.func_wrap("ic0", STATUS.name, |mut c: Ctx<'_>| -> Result<u32> {
        enter(&mut c, &STATUS, 0)?;
        Ok(RUNNING)
    })?;
    l.func_wrap("ic0", REPLICATED.name, |mut c: Ctx<'_>| -> Result<u32> {
        enter(&mut c, &REPLICATED, 0)?;
        Ok(c.data().message().mode.replicated().into())
    })?;
    l.func_wrap("ic0", IS_CONTROLLER.name, |mut c: Ctx<'_>, src: P, size: P| {
        is_controller(&mut c, src, size)
    })?;
    Ok(())
}

fn is_controller<P: Ptr>(c: &mut Ctx<'_>, src: P, size: P) -> Result<u32> {
    enter(c, &IS_CONTROLLER, size.get())?;
    with_heap(c, |heap, host| {
        let id = part("ic0.is_controller", heap, src.get(), size.get())?;
        if size.get() > MAX_PRINCIPAL {
            let text = "Canister provided invalid principal id";
            return Err(Reject::new(ErrorCode::CanisterContractViolation, text));
        }
        Ok(host.environment().controllers.iter().any(|controller| controller.as_slice() == id).into())
    })
}
