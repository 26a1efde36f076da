//! The choice between the toolchains that can build canisters.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::{TARGET, active, debian};
use crate::environment;
use crate::say;

/// A toolchain that may be able to build canisters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Toolchain {
    /// The active toolchain with its own standard library for WebAssembly
    Active,
    /// Debian's toolchain, which compiles the standard library from its source
    Debian,
}

impl Toolchain {
    /// Returns the first toolchain that works, after installing what it needs.
    pub fn first_that_works() -> Result<Self> {
        let Err(problem) = Self::Active.prepare() else { return Ok(Self::Active) };
        say::note(&format!("{problem:#}; falling back on Debian's packages"));
        Self::Debian.prepare().with_context(|| {
            format!(
                "nothing here can build for {TARGET}; where rustup works, `rustup target add {TARGET}` helps"
            )
        })?;
        Ok(Self::Debian)
    }

    /// Installs what is missing.
    pub fn prepare(self) -> Result<()> {
        if self.ready().is_ok() {
            return Ok(());
        }
        match self {
            Self::Active => active::add_target()?,
            Self::Debian => debian::install()?,
        }
        self.ready()
    }

    /// Checks that it can build canisters. The error names what is missing.
    pub fn ready(self) -> Result<()> {
        match self {
            Self::Active if active::has_target() => Ok(()),
            Self::Active => bail!("the active toolchain has no standard library for {TARGET}"),
            Self::Debian => debian::ready(),
        }
    }

    /// Returns its `cargo build` for WebAssembly.
    #[must_use]
    pub fn cargo_build(self) -> Command {
        let mut cargo = match self {
            Self::Active => environment::cargo(),
            Self::Debian => environment::cargo_of(Path::new(debian::CARGO), Path::new(debian::RUSTC)),
        };
        environment::without_native_flags(&mut cargo);
        cargo.args(["build", "--lib", "--target", TARGET]);
        if self == Self::Debian {
            // Debian has the source of the standard library, and not the library for this target. A
            // released compiler builds it only with the features that this variable unlocks.
            cargo.args(["-Z", "build-std=std,panic_abort"]).env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// Sets the variables with which any cargo that the program starts builds as
    /// [`Self::cargo_build`] does.
    pub fn lend_to(self, program: &mut Command) {
        environment::without_native_flags(program);
        if self == Self::Debian {
            program.env("RUSTC", debian::RUSTC).env("RUSTC_BOOTSTRAP", "1");
            program.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
    }

    /// Returns the cargo that the toolchain needs, where it is not the one that is active.
    #[must_use]
    pub fn own_cargo(self) -> Option<&'static Path> {
        (self == Self::Debian).then_some(Path::new(debian::CARGO))
    }

    /// Returns the name under which the toolchain is remembered.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Debian => "debian",
        }
    }

    /// Returns the toolchain that is remembered under the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Debian].into_iter().find(|toolchain| toolchain.name() == name)
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "the active toolchain",
            Self::Debian => "Debian's toolchain, together with the standard library's source",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_is_remembered_by_its_name() {
        for toolchain in [Toolchain::Active, Toolchain::Debian] {
            assert_eq!(Toolchain::from_name(toolchain.name()), Some(toolchain));
        }
        assert_eq!(Toolchain::from_name("another"), None);
    }
}
