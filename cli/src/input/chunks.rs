//! Memories that were joined from chunks: the files of a folder, or memories of a manager.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use graven_core::Memory;
use graven_core::memory::{ChunkSource, ChunkedMemory};

use super::first_bytes;
use super::manager::Manager;
use crate::failure::Failure;
use crate::image::Image;

/// The first bytes of a chunk.
pub(super) const MAGIC: [u8; 8] = *b"\x89GRAVCH\n";

/// The offset in a chunk of the number of pages of 64 KiB of a full chunk (`u64`).
const CHUNK_PAGES_AT: u64 = 16;

/// The files `chunk-0`, `chunk-1`, … of a folder, opened for reading.
struct Folder {
    path: PathBuf,
    files: Rc<RefCell<Vec<Image>>>,
}

impl ChunkSource for Folder {
    type Memory = Image;

    fn open(&self, index: u32) -> io::Result<Option<Image>> {
        match Image::open(&self.path.join(format!("chunk-{index}"))) {
            Ok(image) => {
                self.files.borrow_mut().push(image.clone());
                Ok((image.size() > 0).then_some(image))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&self, _: u32) -> io::Result<Image> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Opens the memory in a folder of chunks. Returns it with its files.
pub(super) fn open(path: &Path) -> Result<(Rc<dyn Memory>, Vec<Image>), Failure> {
    let first = path.join("chunk-0");
    if !first.is_file() {
        let why = "the folder has neither `stable_memory.bin` nor `chunk-0`";
        return Err(Failure::Input(path.to_owned(), why.to_owned()));
    }
    let pages = chunk_pages(&Image::open(&first).map_err(Failure::read(&first))?);
    let files = Rc::new(RefCell::default());
    let folder = Folder { path: path.to_owned(), files: Rc::clone(&files) };
    let memory = ChunkedMemory::open(folder, pages);
    let memory = memory.map_err(|error| Failure::Input(path.to_owned(), error.to_string()))?;
    Ok((Rc::new(memory), files.take()))
}

/// Opens a memory of a manager, or the memory whose chunks are this one and those after it.
pub(super) fn in_manager(manager: Manager, id: u8, path: &Path) -> Result<Rc<dyn Memory>, Failure> {
    let first = manager.memory(id);
    if first_bytes(&first) != MAGIC {
        return Ok(Rc::new(first));
    }
    let pages = chunk_pages(&first);
    let chunk = move |index: u32| {
        let id = u32::from(id).checked_add(index).and_then(|id| u8::try_from(id).ok());
        manager.memory(id.unwrap_or(u8::MAX))
    };
    let memory = ChunkedMemory::open(chunk, pages);
    Ok(Rc::new(memory.map_err(|error| Failure::Input(path.to_owned(), error.to_string()))?))
}

/// Returns the number of pages of a full chunk, or 1 if the header is damaged, which opening then
/// reports.
fn chunk_pages(first: &impl Memory) -> u64 {
    let mut pages = [0; 8];
    if first.size() > 0 {
        first.read(CHUNK_PAGES_AT, &mut pages);
    }
    u64::from_le_bytes(pages).max(1)
}
