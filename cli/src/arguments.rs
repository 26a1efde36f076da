//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(feature = "explore")]
use crate::canister::Connection;
use crate::commands::Look;
use crate::input::Within;

/// Checks canisters built with graven before they are deployed, and opens their stable memory.
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
    /// Look into a live canister that was built with `graven::canister!(…, explorer)`.
    ///
    /// Controllers may do so, with their key as --identity, or those whom the guard of the canister
    /// lets. Exit codes: 0 the canister answered, 1 `verify` found damage, 2 there is no answer.
    #[cfg(feature = "explore")]
    #[command(
        after_help = "Examples:\n  cargo graven explore ryjl3-tyaaa-aaaaa-aaaba-cai --identity key.pem\n  \
        cargo graven explore bkyz2-fmaaa-aaaaa-qaaaq-cai --network http://localhost:8000 records users\n  \
        cargo graven explore ryjl3-tyaaa-aaaaa-aaaba-cai --identity key.pem sweep hold"
    )]
    Explore(Explore),
    #[command(flatten)]
    Look(Look),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// OLD.wasm and NEW.wasm, or only the new one; without any, the package is built.
    #[arg(value_name = "WASM", num_args = 0..=2)]
    pub(crate) wasm: Vec<PathBuf>,
    /// A stable memory to compare with, such as a downloaded snapshot's. It is only read.
    #[arg(long, value_name = "MEMORY")]
    pub(crate) image: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) within: Within,
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

#[cfg(feature = "explore")]
#[derive(Debug, Args)]
pub(crate) struct Explore {
    /// The id of the canister.
    #[arg(value_name = "CANISTER")]
    pub(crate) canister: String,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Answer with one object, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) look: Option<Question>,
}

/// The things to see in a live canister.
#[cfg(feature = "explore")]
#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// Entries, bytes, pages and layouts of each collection, and the sweep. This is the default.
    Stats,
    /// All roots, indexes included, with the history of their layouts.
    Schema,
    /// Rows of a table or entries of another root, one a line as JSON.
    Records(Records),
    /// Check all collections: their pages, order and counts, and the indexes of tables.
    Verify,
    /// The state of the background sweep, or start or hold it.
    Sweep {
        /// Start or hold it; otherwise its state is shown.
        #[arg(value_enum)]
        control: Option<Control>,
    },
    /// Copy the memory of the store into a new file, which commands read that read images.
    Download {
        /// The new file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[cfg(feature = "explore")]
#[derive(Debug, Args)]
pub(crate) struct Records {
    /// The name of the root.
    #[arg(value_name = "ROOT")]
    pub(crate) root: String,
    /// The number of rows, at most.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    /// The index in whose order rows of a table come; otherwise that of their keys.
    #[arg(long, value_name = "INDEX")]
    pub(crate) order: Option<String>,
    /// The greatest first, in a table.
    #[arg(long)]
    pub(crate) descending: bool,
    /// A field to show; may be given several times. Otherwise all.
    #[arg(long, value_name = "FIELD")]
    pub(crate) field: Vec<String>,
}

/// The word to a background sweep.
#[cfg(feature = "explore")]
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Control {
    /// Start it, or continue it.
    Start,
    /// Hold it until it is started, or until the next upgrade.
    Hold,
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
