//! Messages that point into std quote it where its source is installed. So that they are the same
//! everywhere, the compiler is told of a sysroot that has all of its own one except the source:
//! links to everything else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the inner run, which has nothing left to hide.
const HIDDEN: &str = "GRAVEN_STD_SOURCE_IS_HIDDEN";

/// Runs the test of this name again in a process that sees no source of std, if there is any to be
/// seen. Returns `true` if that was done.
///
/// # Panics
/// If the test fails.
pub fn run_without_std_source(test: &str) -> bool {
    let sysroot = sysroot();
    if std::env::var_os(HIDDEN).is_some() || !source(&sysroot).exists() {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let wrapper = wrapper(folder.path(), &sysroot);
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("RUSTC_WRAPPER", wrapper)
        .env(HIDDEN, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} fails where std's source is hidden");
    true
}

fn sysroot() -> PathBuf {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(rustc).args(["--print", "sysroot"]).output().unwrap().stdout;
    PathBuf::from(String::from_utf8(printed).unwrap().trim())
}

fn source(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src")
}

/// Writes a script that runs the compiler with a sysroot of links in `folder`.
fn wrapper(folder: &Path, sysroot: &Path) -> PathBuf {
    let copy = folder.join("sysroot");
    link_all_but(sysroot, &copy, "lib");
    link_all_but(&sysroot.join("lib"), &copy.join("lib"), "rustlib");
    link_all_but(&sysroot.join("lib/rustlib"), &copy.join("lib/rustlib"), "src");
    let script = folder.join("rustc");
    let text = format!("#!/bin/sh\nexec \"$@\" --sysroot \"{}\"\n", copy.display());
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

/// Makes the folder `to` with links to everything in `from` except one name.
fn link_all_but(from: &Path, to: &Path, except: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name() != except {
            symlink(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A sysroot of links compiles what the real one does.
#[test]
fn a_sysroot_without_source_compiles() {
    let folder = tempfile::tempdir().unwrap();
    let real = sysroot();
    let wrapper = wrapper(folder.path(), &real);
    assert!(!source(&folder.path().join("sysroot")).exists());
    let program = folder.path().join("program.rs");
    fs::write(&program, "pub fn f() -> String { format!(\"{}\", [1u8; 3].len()) }").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(wrapper)
        .arg(rustc)
        .args(["--crate-type=lib", "--edition=2024", "--emit=metadata", "--out-dir"])
        .arg(folder.path())
        .arg(&program)
        .status()
        .unwrap();
    assert!(status.success());
}
