//! Prices in cycles, for canisters that ask. The figures are those of a subnet of 13 nodes,
//! rounded; nothing here charges them.

use wasmtime::{Linker, Result};

use super::cycles::store;
use super::modes::ALL;
use super::{Api, Ctx, Ptr, api, enter, with_heap};
use crate::host::Host;

const COST: Api = api("cost_call", ALL);

const CALL: u128 = 260_000;
const CALL_BYTE: u128 = 1_000;
/// Set aside for the longest reply, and for the callback's instructions.
const CALL_RESERVE: u128 = 2_097_152 * CALL_BYTE + 16_000_000_000;
const CREATE: u128 = 500_000_000_000;
const HTTP: u128 = 49_140_000;
const HTTP_REQUEST_BYTE: u128 = 5_200;
const HTTP_RESPONSE_BYTE: u128 = 10_400;
const SIGN: u128 = 26_153_846_153;

pub(super) fn link<P: Ptr>(l: &mut Linker<Host>) -> Result<()> {
    l.func_wrap("ic0", "cost_call", |mut c: Ctx<'_>, name: u64, payload: u64, dst: P| {
        let bytes = u128::from(name) + u128::from(payload);
        price(&mut c, 0, dst, CALL + CALL_BYTE * bytes + CALL_RESERVE)
    })?;
    l.func_wrap("ic0", "cost_create_canister", |mut c: Ctx<'_>, dst: P| price(&mut c, 0, dst, CREATE))?;
    l.func_wrap("ic0", "cost_http_request", |mut c: Ctx<'_>, request: u64, response: u64, dst: P| {
        let bytes = HTTP_REQUEST_BYTE * u128::from(request) + HTTP_RESPONSE_BYTE * u128::from(response);
        price(&mut c, 0, dst, HTTP + bytes)
    })?;
    l.func_wrap("ic0", "cost_http_request_v2", |mut c: Ctx<'_>, _src: P, _size: P, dst: P| {
        price(&mut c, 0, dst, HTTP)
    })?;
    for name in ["cost_sign_with_ecdsa", "cost_sign_with_schnorr", "cost_vetkd_derive_key"] {
        l.func_wrap("ic0", name, |mut c: Ctx<'_>, _src: P, size: P, _kind: u32, dst: P| -> Result<u32> {
            price(&mut c, size.get(), dst, SIGN)?;
            Ok(0)
        })?;
    }
    Ok(())
}

fn price<P: Ptr>(c: &mut Ctx<'_>, bytes: u64, dst: P, cycles: u128) -> Result<()> {
    enter(c, &COST, bytes)?;
    with_heap(c, |heap, _| store("cost_call", heap, dst.get(), cycles))
}
