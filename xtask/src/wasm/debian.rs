//! Debian's toolchain, for machines that reach Debian's servers and not Rust's.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::environment;
use crate::process;
use crate::say;

/// Debian's compiler.
pub const RUSTC: &str = "/usr/bin/rustc";
/// Debian's cargo.
pub const CARGO: &str = "/usr/bin/cargo";

/// The packages with the compiler, its cargo, the source of the standard library and the linker for
/// WebAssembly.
const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// Checks that all of it is there and new enough for this workspace. The error names what is
/// missing.
pub fn ready() -> Result<()> {
    for file in [RUSTC, CARGO] {
        ensure!(Path::new(file).is_file(), "there is no {file}");
    }
    let version = process::output(Command::new(RUSTC).arg("--version"));
    let version = version.with_context(|| format!("{RUSTC} does not run"))?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    ensure!(
        minor(&version) >= minor_of(needed),
        "{RUSTC} is too old: {}, {needed} is needed",
        version.trim()
    );
    let sysroot = process::output(Command::new(RUSTC).args(["--print", "sysroot"])).unwrap_or_default();
    let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std");
    ensure!(source.is_dir(), "there is no source of the standard library in {}", source.display());
    ensure!(Path::new("/usr/bin/rust-lld").exists(), "there is no /usr/bin/rust-lld");
    Ok(())
}

/// Installs Debian's packages, as root or with a sudo that needs no password.
pub fn install() -> Result<()> {
    ensure!(Path::new("/usr/bin/apt-get").exists(), "this is no Debian: there is no apt-get");
    // `--no-remove` keeps another compiler that these packages conflict with.
    let install = ["install", "-y", "--no-remove"];
    let by_hand = format!("apt-get update && apt-get {} {}", install.join(" "), PACKAGES.join(" "));
    let Some(administrator) = administrator() else {
        bail!("root must install Debian's packages:\n    sudo sh -c '{by_hand}'");
    };
    let apt = |arguments: &[&str]| -> Result<bool> {
        let mut command = environment::command(administrator[0]);
        command.args(&administrator[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
        say::note(&format!("running: {}", process::shown(&command)));
        process::succeeds(&mut command)
    };
    if !apt(&["update"])? {
        say::note("not all package lists could be read; trying nevertheless");
    }
    if !apt(&[&install, PACKAGES].concat())? {
        bail!("Debian's packages could not be installed; by hand:\n    sudo sh -c '{by_hand}'");
    }
    Ok(())
}

/// Returns the words before a command, with its variables, that root must run.
fn administrator() -> Option<&'static [&'static str]> {
    let user = process::output(environment::command("id").arg("-u"));
    if user.is_some_and(|user| user.trim() == "0") {
        return Some(&["env"]);
    }
    process::output(environment::command("sudo").args(["-n", "true"])).map(|_| &["sudo", "-n", "env"][..])
}

/// Returns 96 of `rustc 1.96.0 (ac68faa20 2026-05-25)`.
fn minor(version: &str) -> u32 {
    minor_of(version.split_whitespace().nth(1).unwrap_or_default())
}

/// Returns 90 of `1.90`.
fn minor_of(release: &str) -> u32 {
    release.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(minor("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"), 96);
        assert_eq!(minor("nonsense"), 0);
        assert_eq!(minor_of("1.90"), 90);
        assert!(minor("rustc 1.100.0") >= minor_of("1.90"));
    }
}
