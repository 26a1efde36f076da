//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks the layouts of canisters built with graven before they are deployed.
#[derive(Debug, Parser)]
#[command(name = "cargo graven", bin_name = "cargo graven", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare code with older code, with a memory, or with graven.lock.
    ///
    /// `check OLD.wasm NEW.wasm` answers whether NEW could open what OLD stored; `check --image
    /// MEMORY NEW.wasm` whether it could open this very memory; `check [WASM]` whether the code
    /// keeps to graven.lock. Exit codes: 0 safe, 1 refused, 2 the check could not be made.
    Check(Check),
    /// Write the layouts of all versions that are new into graven.lock.
    Lock(Lock),
}

impl Command {
    pub(crate) fn format(&self) -> Format {
        match self {
            Command::Check(check) => check.format,
            Command::Lock(lock) => lock.format,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// OLD.wasm and NEW.wasm, or only the new one; without any, the package is built.
    #[arg(value_name = "WASM", num_args = 0..=2)]
    pub(crate) wasm: Vec<PathBuf>,
    /// A stable memory to compare with, such as a downloaded snapshot's. It is only read.
    #[arg(long, value_name = "MEMORY")]
    pub(crate) image: Option<PathBuf>,
    /// Refuse also what depends on whether pages of an older version are still there.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) package: Package,
    /// How to answer.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// The wasm whose layouts to lock; without it, the package is built.
    #[arg(value_name = "WASM")]
    pub(crate) wasm: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// How to answer.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// The Cargo.toml beside which graven.lock is; otherwise that of the current folder's package.
    #[arg(long, value_name = "CARGO_TOML")]
    pub(crate) manifest_path: Option<PathBuf>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One object, for programs.
    Json,
    /// Annotations of GitHub's workflows.
    Github,
}
