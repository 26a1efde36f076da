//! Sizes: of stable memory in use, and of wasm.

use anyhow::{Context, Result};
use graven_testkit::{Canister, PAGE, WASM_PAGE, custom_section};
use wasmparser::{Parser, Payload};

/// Bytes of stable memory in pages of 4 KiB that hold anything but zeroes. Contenders grow the
/// memory in steps of 64 KiB to 8 MiB, so its size says little.
#[must_use]
pub fn stable_bytes(canister: &Canister) -> u64 {
    let mut chunk = vec![0; WASM_PAGE as usize];
    let mut used = 0;
    for number in 0..canister.stable_size_pages() {
        canister.stable().read(number * WASM_PAGE, &mut chunk);
        let pages = chunk.chunks(PAGE as usize);
        used += pages.filter(|page| page.iter().any(|byte| *byte != 0)).count() as u64;
    }
    used * PAGE
}

/// Bytes of a wasm without the names of its functions and of its compiler, which nobody installs.
///
/// # Errors
/// If it is not a wasm module.
pub fn wasm_bytes(wasm: &[u8]) -> Result<u64> {
    let mut names = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload?
            && ["name", "producers", "target_features"].contains(&section.name())
        {
            names += section.range().len();
        }
    }
    Ok((wasm.len() - names) as u64)
}

/// Returns the compiler that built a wasm, as its section `producers` has it: `rustc 1.95.0
/// (59807616e 2026-04-14)`.
///
/// # Errors
/// Where it does not say.
pub fn compiler(wasm: &[u8]) -> Result<String> {
    let section = custom_section(wasm, "producers").context("the wasm does not say who made it")?;
    // Each producer is a name and a version, each behind its length.
    let at =
        section.windows(6).position(|bytes| bytes == b"\x05rustc").context("it was not made by rustc")?;
    let version = &section[at + 6..];
    let (length, version) = version.split_first().context("the version is missing")?;
    let version = version.get(..usize::from(*length)).context("the version is cut off")?;
    Ok(format!("rustc {}", std::str::from_utf8(version)?))
}
