//! The commands that look into an image of stable memory or make one, a file for each.

mod diff;
mod dump;
mod get;
mod inspect;
mod load;
mod manual;
pub(crate) mod rows;
mod salvage;
mod selection;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;
use graven_collections::stored::{StoredRoot, StoredStore};

use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::screen::line;

/// A command that looks into an image or makes one.
#[derive(Debug, Subcommand)]
pub(crate) enum Look {
    Inspect(inspect::Inspect),
    Dump(dump::Dump),
    Get(get::Get),
    Verify(verify::Verify),
    Diff(diff::Diff),
    Salvage(salvage::SalvageImage),
    Load(load::Load),
    Completions(manual::Completions),
    Man(manual::Man),
}

impl Look {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Look::Inspect(inspect) => inspect.run(),
            Look::Dump(dump) => dump.run(),
            Look::Get(get) => get.run(),
            Look::Verify(verify) => verify.run(),
            Look::Diff(diff) => diff.run(),
            Look::Salvage(salvage) => salvage.run(),
            Look::Load(load) => load.run(),
            Look::Completions(completions) => completions.run(),
            Look::Man(man) => man.run(),
        }
    }
}

/// Opens the store in an image. An image without one is a failure.
fn open(source: &Source) -> Result<(Input, StoredStore<Input>), Failure> {
    let input = source.open()?;
    let store = store_of(&input)?;
    Ok((input, store))
}

/// Opens the store in an open image.
pub(crate) fn store_of(input: &Input) -> Result<StoredStore<Input>, Failure> {
    input.said(StoredStore::open(input.clone()))
}

/// Returns the root with a name, or a failure that names those that exist.
pub(crate) fn find<'a>(
    input: &Input,
    store: &'a StoredStore<Input>,
    name: &str,
) -> Result<&'a StoredRoot<Input>, Failure> {
    if let Some(root) = store.root(name) {
        return Ok(root);
    }
    let damaged = store.damaged().iter().find(
        |error| matches!(error, graven_core::Error::Damaged { root: Some(root), .. } if **root == *name),
    );
    let why = match damaged {
        Some(error) => error.to_string(),
        None if store.roots().is_empty() => "it has no roots".to_owned(),
        None => {
            let names: Vec<String> = store.roots().iter().map(|root| line(root.name())).collect();
            format!("it has no root `{}`: it has {}", line(name), names.join(", "))
        }
    };
    Err(Failure::Input(input.path().to_owned(), why))
}
