//! The active toolchain, whose target comes from rustup or with the toolchain.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::TARGET;
use crate::compilers::has_standard_library;
use crate::environment;
use crate::process;
use crate::say;

/// The limit for rustup: a server out of reach must not stop the work for longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Returns `true` if the active compiler has its standard library for WebAssembly.
pub fn has_target() -> bool {
    let mut rustc = environment::rustc();
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    process::output(&mut rustc).is_some_and(|folder| has_standard_library(Path::new(folder.trim())))
}

/// Installs that library with rustup.
pub fn add_target() -> Result<()> {
    let mut rustup = environment::command("rustup");
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0");
    say::note(&format!("running: {}", process::shown(&rustup)));
    match process::status_within(&mut rustup, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => bail!("rustup could not install {TARGET}"),
        None => bail!("rustup did not finish within {} s", LIMIT.as_secs()),
    }
}
