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
    /// Run the upgrade to a new wasm on a copy of a memory, and say what it takes.
    ///
    /// Nothing is installed, and the file is never written: of a large one, only what the code
    /// reads is read. Instructions are those of the replica. Exit codes: 0 the upgrade is accepted
    /// and everything asked for works, 1 it is refused, the sweep does not come to its end, or a
    /// call fails, 2 the rehearsal could not be made.
    #[cfg(feature = "rehearse")]
    #[command(after_help = "Examples:\n  cargo graven rehearse stable_memory.bin new.wasm\n  \
        cargo graven rehearse snapshot/ new.wasm --sweep --arg '(record { fee = 10 })'\n  \
        cargo graven rehearse stable_memory.bin new.wasm --script calls.txt --candid new.did")]
    Rehearse(Rehearse),
}

impl Command {
    pub(crate) fn format(&self) -> Format {
        match self {
            Command::Check(check) => check.format,
            Command::Lock(lock) => lock.format,
            #[cfg(feature = "rehearse")]
            Command::Rehearse(_) => Format::Text,
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

#[cfg(feature = "rehearse")]
#[derive(Debug, Args)]
pub(crate) struct Rehearse {
    /// The whole stable memory, or the folder of a snapshot with its `stable_memory.bin`.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// The new code.
    #[arg(value_name = "NEW.wasm")]
    pub(crate) wasm: PathBuf,
    /// The argument of `post_upgrade`, as candid text.
    #[arg(long, value_name = "CANDID")]
    pub(crate) arg: Option<String>,
    /// Fire the canister's timer until old records are converted and new indexes complete.
    #[arg(long)]
    pub(crate) sweep: bool,
    /// Calls to make afterwards, one a line: `query METHOD CANDID` or `update METHOD CANDID`.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// The interface with the types of arguments; otherwise that in the wasm, if there is one.
    #[arg(long, value_name = "DID")]
    pub(crate) candid: Option<PathBuf>,
    /// Answer with one object, for programs.
    #[arg(long)]
    pub(crate) json: bool,
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
