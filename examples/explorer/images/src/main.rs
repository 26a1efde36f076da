//! Makes the images that the test of the explorer opens in a browser: the gazetteer with all its
//! places, the same in a sparse file of 4 GiB, one with markup in its names, one
//! with two stores in a `MemoryManager`, and what is no image.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use graven::{BTreeMap, DefaultMemoryImpl};
use graven_demo::gazetteer::Gazetteer;
use graven_demo::places::{self, COUNT};
use graven_demo::rows;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};
use xtask::workspace::Workspace;

/// The length of the sparse file.
const SPARSE: u64 = 4 << 30;

/// A name that a page must not take for markup.
const MARKUP: &str = "<img src=x onerror=\"document.title='hostile'\">";

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(canisters), Some(folder)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: explorer-images CANISTERS FOLDER");
    };
    fs::create_dir_all(&folder)?;
    let image = gazetteer(&canisters)?;
    write(&folder, "gazetteer.bin", &image)?;
    write(&folder, "sparse.bin", &image)?;
    File::options().write(true).open(folder.join("sparse.bin"))?.set_len(SPARSE)?;
    // Cut at a page of stable memory, so that only the superblock tells.
    write(&folder, "truncated.bin", &image[..image.len() / 2 / 65_536 * 65_536])?;
    write(&folder, "short.bin", &image[..10_000])?;
    write(&folder, "foreign.bin", &[0x7f; 1 << 17])?;
    write(&folder, "markup.bin", &markup()?)?;
    write(&folder, "manager.bin", &manager()?)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let file = folder.join(name);
    fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Returns the memory of the demo's canister after its upgrades to version 3 and the sweep.
fn gazetteer(canisters: &Path) -> Result<Vec<u8>> {
    let wasm = |version: u8| {
        let file = canisters.join(format!("gazetteer-v{version}.wasm"));
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let file = places::places_csv(&Workspace::find()?)?;
    let mut gazetteer = Gazetteer::install(&wasm(1)?)?;
    gazetteer.load(&rows::read(&file, COUNT)?, |_| ())?;
    for version in [2, 3] {
        gazetteer.upgrade(&wasm(version)?).result?;
    }
    while gazetteer.sweep(1_000)?.0.done != Some(true) {}
    Ok(gazetteer.canister.stable_image())
}

/// Returns a store in which names and values are markup.
fn markup() -> Result<Vec<u8>> {
    let memory = DefaultMemoryImpl::default();
    let mut map: BTreeMap<String, String> = graven::open(MARKUP, memory.clone())?;
    map.insert(MARKUP.to_owned(), MARKUP.to_owned());
    drop(map);
    let bytes = memory.borrow().clone();
    ensure!(!bytes.is_empty(), "the store was not written");
    Ok(bytes)
}

/// Returns a memory in which a manager has two stores.
fn manager() -> Result<Vec<u8>> {
    let memory = DefaultMemoryImpl::default();
    let manager = MemoryManager::init(memory.clone());
    for (id, name) in [(7, "first"), (9, "second")] {
        let mut map: BTreeMap<u8, String, _> = graven::open(name, manager.get(MemoryId::new(id)))?;
        map.insert(id, name.to_owned());
    }
    let bytes = memory.borrow().clone();
    Ok(bytes)
}
