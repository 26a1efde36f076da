//! A second native compiler. A test uses it to prove that the programs of two compilers write the
//! same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment;
use crate::process;
use crate::say;
use crate::wasm::debian;

/// A compiler and its cargo.
#[derive(Debug)]
pub struct Compiler {
    /// The path of the compiler.
    pub rustc: PathBuf,
    /// The path of the cargo that belongs to it.
    pub cargo: PathBuf,
    /// For example `rustc 1.96.0 (ac68faa20 2026-05-25)`.
    pub version: String,
}

impl Compiler {
    /// Returns the variables that tell the tests about the compiler.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("GRAVEN_SECOND_RUSTC", &self.rustc), ("GRAVEN_SECOND_CARGO", &self.cargo)]
    }
}

/// Returns a compiler of another version than the active one that can make native programs.
/// Debian's comes first, because the setup can install it; rustup's other toolchains follow.
#[must_use]
pub fn second() -> Option<Compiler> {
    let active = version(&mut environment::rustc())?;
    let debian = usable(Path::new(debian::RUSTC), Path::new(debian::CARGO));
    let candidates = debian.into_iter().chain(rustups());
    candidates.into_iter().find(|compiler| release(&compiler.version) != release(&active))
}

/// Returns a second compiler, and installs Debian's if there is none.
#[must_use]
pub fn second_or_install() -> Option<Compiler> {
    second().or_else(|| {
        if let Err(error) = debian::install() {
            say::note(&format!("a second compiler cannot be installed here: {error:#}"));
        }
        second()
    })
}

/// Prints the second compiler, or how to get one.
pub fn announce(second: Option<&Compiler>) {
    match second {
        Some(found) => say::note(&format!("second compiler: {}, {}", found.version, found.rustc.display())),
        None => say::note("no second compiler here; `cargo xtask setup --second-compiler` installs one"),
    }
}

fn rustups() -> impl Iterator<Item = Compiler> {
    let list =
        process::output(environment::command("rustup").args(["toolchain", "list"])).unwrap_or_default();
    let names: Vec<String> =
        list.lines().filter_map(|l| l.split_whitespace().next()).map(Into::into).collect();
    names.into_iter().filter_map(|name| {
        let which = |tool: &str| {
            let mut rustup = environment::command("rustup");
            rustup.args(["which", "--toolchain", &name, tool]);
            process::output(&mut rustup).map(|path| PathBuf::from(path.trim()))
        };
        usable(&which("rustc")?, &which("cargo")?)
    })
}

/// Returns the compiler if its cargo exists and it has the standard library of this machine.
fn usable(rustc: &Path, cargo: &Path) -> Option<Compiler> {
    let libraries = process::output(Command::new(rustc).args(["--print", "target-libdir"]))?;
    if !cargo.is_file() || !has_standard_library(Path::new(libraries.trim())) {
        return None;
    }
    let version = version(&mut Command::new(rustc))?;
    Some(Compiler { rustc: rustc.into(), cargo: cargo.into(), version })
}

/// Returns `true` if the folder, a compiler's `target-libdir`, has a standard library.
#[must_use]
pub fn has_standard_library(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
    })
}

fn version(rustc: &mut Command) -> Option<String> {
    Some(process::output(rustc.arg("--version"))?.trim().into())
}

/// Returns `1.96.0` of `rustc 1.96.0 (ac68faa20 2026-05-25)`.
fn release(version: &str) -> &str {
    version.split_whitespace().nth(1).unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_compiler_is_not_the_active_one() {
        let Some(second) = second() else { return };
        let active = version(&mut environment::rustc()).unwrap();
        assert_ne!(release(&second.version), release(&active));
        assert!(second.rustc.is_file() && second.cargo.is_file());
    }

    #[test]
    fn a_release_is_read_from_a_version() {
        assert_eq!(release("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"), "1.96.0");
    }
}
