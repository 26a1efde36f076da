//! Images of stable memory in all their forms: a file, a folder with a downloaded snapshot, a
//! memory inside a `MemoryManager`, or a folder of chunks. A live canister is another form. All are
//! read in place and never written.

mod chunks;
mod manager;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use graven_core::Memory;
#[cfg(feature = "explore")]
use graven_look::canister::{Explorer, Transport};

#[cfg(feature = "explore")]
use crate::canister::{Connection, memory};
use crate::failure::Failure;
use crate::image::Image;
use manager::Manager;

/// The name of a stable memory in a folder that `icp canister snapshot download` writes.
const SNAPSHOT: &str = "stable_memory.bin";

/// The beginning of an input that is a live canister. A file of such a name is written `./ic:…`.
pub(crate) const CANISTER: &str = "ic:";

/// The first bytes of a store.
const STORE: [u8; 8] = *b"\x89GRAVEN\n";

/// The input of a command.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// A stable memory: a file such as `stable_memory.bin`, the folder of a downloaded snapshot, or
    /// a folder of chunks; or `ic:CANISTER`, the id of a live canister with an explorer. It is only
    /// read.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    #[command(flatten)]
    pub(crate) within: Within,
}

/// The part of an image that holds the store, or the way to a live canister.
#[derive(Debug, Clone, Args)]
pub(crate) struct Within {
    /// The memory of a `MemoryManager` that holds the store. Needed if several of them hold one.
    #[arg(long, value_name = "N")]
    pub(crate) memory_id: Option<u8>,
    #[cfg(feature = "explore")]
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// An open image.
#[derive(Clone)]
pub(crate) struct Input {
    memory: Rc<dyn Memory>,
    /// Returns the first failure to read.
    failure: Rc<dyn Fn() -> Option<Failure>>,
    path: Rc<Path>,
}

impl Source {
    pub(crate) fn open(&self) -> Result<Input, Failure> {
        Input::open(&self.image, &self.within)
    }
}

impl Input {
    /// Opens an image of any form.
    pub(crate) fn open(path: &Path, within: &Within) -> Result<Input, Failure> {
        if let Some(id) = path.to_str().and_then(|path| path.strip_prefix(CANISTER)) {
            return Input::of_canister(id, within);
        }
        if path.is_dir() && !path.join(SNAPSHOT).is_file() {
            let (memory, files) = chunks::open(path)?;
            return Ok(Input::of_files(memory, files, path));
        }
        let file = if path.is_dir() { path.join(SNAPSHOT) } else { path.to_owned() };
        let image = Image::open(&file).map_err(Failure::read(&file))?;
        let memory = match Manager::of(&image) {
            Some(manager) => {
                managed(manager.map_err(|why| Failure::Input(path.to_owned(), why))?, path, within)?
            }
            None if within.memory_id.is_some() => {
                return Err(Failure::Input(
                    path.to_owned(),
                    "it is not the memory of a MemoryManager".into(),
                ));
            }
            None => Rc::new(image.clone()),
        };
        Ok(Input::of_files(memory, vec![image], path))
    }

    fn of_files(memory: Rc<dyn Memory>, files: Vec<Image>, path: &Path) -> Input {
        let path: Rc<Path> = path.into();
        let read = path.clone();
        let failure = move || {
            let error = files.iter().find_map(Image::error)?;
            Some(Failure::Read(read.to_path_buf(), error))
        };
        Input { memory, failure: Rc::new(failure), path }
    }

    /// Opens the memory of a live canister.
    #[cfg(feature = "explore")]
    fn of_canister(id: &str, within: &Within) -> Result<Input, Failure> {
        if within.memory_id.is_some() {
            return Err(Failure::Usage("a canister knows its memory: leave out --memory-id"));
        }
        Input::live(id, within.connection.explorer(id)?)
    }

    /// Opens the memory of a live canister by its explorer.
    #[cfg(feature = "explore")]
    pub(crate) fn live<T: Transport + 'static>(id: &str, explorer: Explorer<T>) -> Result<Input, Failure> {
        let memory = memory::open(explorer)?;
        let failing = memory.clone();
        let failure = Rc::new(move || memory::failure(&failing));
        let path = PathBuf::from(format!("{CANISTER}{id}"));
        Ok(Input { memory: Rc::new(memory), failure, path: path.into() })
    }

    #[cfg(not(feature = "explore"))]
    fn of_canister(_: &str, _: &Within) -> Result<Input, Failure> {
        Err(Failure::Usage("this program was built without `explore`, which asks canisters"))
    }

    /// Returns the path that was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a failure if something could not be read.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        (self.failure)().map_or(Ok(()), Err)
    }

    /// Returns a result of reading this image, or the error of the file that caused it.
    pub(crate) fn said<T>(&self, result: graven_core::Result<T>) -> Result<T, Failure> {
        self.check()?;
        result.map_err(|error| Failure::Image(self.path.to_path_buf(), error))
    }
}

impl Input {
    /// Like [`Input::said`], but returns damage apart from other failures.
    pub(crate) fn said_or_damage<T>(
        &self,
        result: graven_core::Result<T>,
    ) -> Result<graven_core::Result<T>, Failure> {
        match result {
            Err(error @ graven_core::Error::Damaged { .. }) => self.check().map(|()| Err(error)),
            result => self.said(result).map(Ok),
        }
    }
}

/// Opens the memory of a manager that holds a store, by its id or because no other one does.
fn managed(manager: Manager, path: &Path, within: &Within) -> Result<Rc<dyn Memory>, Failure> {
    let found: Vec<u8> = manager.ids().filter(|id| holds_store(&manager.memory(*id))).collect();
    let id = match (within.memory_id, found.as_slice()) {
        (Some(id), _) => id,
        (None, [id]) => *id,
        (None, []) => {
            let why = "none of the memories of its MemoryManager holds a store: name one with --memory-id";
            return Err(Failure::Input(path.to_owned(), why.to_owned()));
        }
        (None, several) => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let why = format!(
                "several of its memories hold a store: choose one with --memory-id: {}",
                ids.join(", ")
            );
            return Err(Failure::Input(path.to_owned(), why));
        }
    };
    chunks::in_manager(manager, id, path)
}

fn holds_store(memory: &impl Memory) -> bool {
    let magic = first_bytes(memory);
    magic == STORE || magic == chunks::MAGIC
}

/// Returns the first bytes of a memory, or zeros if it is empty.
fn first_bytes(memory: &impl Memory) -> [u8; 8] {
    let mut bytes = [0; 8];
    if memory.size() > 0 {
        memory.read(0, &mut bytes);
    }
    bytes
}

impl Memory for Input {
    fn size(&self) -> u64 {
        self.memory.size()
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.memory.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.memory.write(offset, bytes);
    }
}
