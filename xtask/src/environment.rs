//! The environment of the commands that the tasks start.
//!
//! `cargo xtask` itself runs under cargo, often under rustup's proxy of cargo. Both set variables
//! that would mislead another cargo: the toolchain, the package that runs, the folder of the
//! compiler's libraries.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Beginnings of variables that `cargo run` sets for the program, never a person.
const LEFT_BY_CARGO: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];

/// Beginnings of variables that choose a compiler other than the one beside cargo.
const CHOOSES_COMPILER: &[&str] = &["RUSTUP_", "RUST_RECURSION_COUNT"];

/// Variables with flags for this machine, which a canister must not depend on.
const NATIVE_FLAGS: &[&str] =
    &["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"];

/// Returns a command without the variables of the outer `cargo run`, and without an input to wait
/// for.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    remove_starting_with(&mut command, LEFT_BY_CARGO);
    for name in ["CARGO", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

/// Returns the cargo that runs this task.
#[must_use]
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns the compiler that this cargo uses.
#[must_use]
pub fn rustc() -> Command {
    command(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Returns the given cargo with the given compiler, independent of the active toolchain.
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

/// Returns the folder that a tool keeps in the home folder, or where its variable puts it.
#[must_use]
pub fn home_of(variable: &str, folder: &str) -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(folder);
    env::var_os(variable).map_or_else(home, PathBuf::from)
}

/// Removes flags that a person may have set for native builds.
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
    // Only a folder with a separator in its name cannot be joined; then PATH stays as it is.
    env::join_paths(folders).unwrap_or(path)
}
