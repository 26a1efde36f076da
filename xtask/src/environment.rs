//! The environment of the commands that the tasks start.
//!
//! `cargo xtask` itself runs under cargo, often under rustup's proxy of cargo, and both leave variables behind
//! that would mislead another cargo: which toolchain to use, which package is being run, where to find the
//! compiler's libraries.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

/// Set by `cargo run` for the program that it runs, never by a person.
const LEFT_BY_CARGO: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];

/// Chooses a compiler other than the one that lies beside cargo.
const CHOOSES_COMPILER: &[&str] = &["RUSTUP_", "RUST_RECURSION_COUNT"];

/// Flags meant for the machine that builds, which a canister must not depend on.
const NATIVE_FLAGS: &[&str] =
    &["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"];

/// A command without what the outer `cargo run` left in the environment, and without an input to wait for.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    remove_starting_with(&mut command, LEFT_BY_CARGO);
    for name in ["CARGO", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

/// The cargo that runs this very task.
#[must_use]
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The compiler which that cargo uses.
#[must_use]
pub fn rustc() -> Command {
    command(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// The given cargo with the given compiler, whatever toolchain is active.
#[must_use]
pub fn cargo_of(cargo: &Path, rustc: &Path) -> Command {
    let mut command = command(cargo);
    remove_starting_with(&mut command, CHOOSES_COMPILER);
    command.env_remove("RUSTDOC").env("RUSTC", rustc);
    if let Some(folder) = cargo.parent() {
        command.env("PATH", path_led_by(folder));
    }
    command
}

/// Drops the flags that a person may have set for native builds.
pub fn without_native_flags(command: &mut Command) {
    for name in NATIVE_FLAGS {
        command.env_remove(name);
    }
}

fn remove_starting_with(command: &mut Command, prefixes: &[&str]) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| prefixes.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
}

fn path_led_by(folder: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(env::split_paths(&path));
    // Only a folder with a separator in its name can fail to join; such a PATH is kept as it is.
    env::join_paths(folders).unwrap_or(path)
}
