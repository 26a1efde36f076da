//! A source of chunks that are the files of a directory.

use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ic_stable_structures::Memory;

use super::{ChunkError, ChunkSource, ChunkedMemory, PAGE};
use crate::layout::Fingerprint;
use crate::layout::descriptor::Sink;

/// A directory whose files `chunk-0`, `chunk-1`, … are the [chunks](ChunkSource) of a memory.
///
/// # Example: a store in files of 1 GiB
/// ```
/// use graven_core::memory::FileDirectory;
/// use graven_core::store::{Options, Store};
/// let path = std::env::temp_dir().join(format!("graven-chunks-{}", std::process::id()));
/// let memory = FileDirectory::open(&path, 1 << 30)?;
/// let store = Store::open(memory, &[], Options::default())?;
/// assert!(path.join("chunk-0").exists());
/// # drop(store);
/// # std::fs::remove_dir_all(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileDirectory {
    path: PathBuf,
}

impl FileDirectory {
    /// Opens the memory in a directory, and creates the directory if there is none. Each file holds
    /// a header and `chunk_bytes` bytes, a multiple of 65,536. The file of every chunk stays open.
    ///
    /// # Errors
    /// [`ChunkError`], if the files are in use, or are not all the chunks of one memory.
    ///
    /// # Panics
    /// Panics if `chunk_bytes` is 0 or not a multiple of 65,536.
    pub fn open(
        path: impl AsRef<Path>,
        chunk_bytes: u64,
    ) -> Result<ChunkedMemory<FileDirectory>, ChunkError> {
        assert!(chunk_bytes.is_multiple_of(PAGE), "a chunk has whole pages of 64 KiB");
        let path = path.as_ref().to_owned();
        std::fs::create_dir_all(&path).map_err(|error| ChunkError::Io { index: 0, error })?;
        ChunkedMemory::open(FileDirectory { path }, chunk_bytes / PAGE)
    }

    fn file(&self, index: u32, options: &OpenOptions) -> io::Result<FileChunk> {
        let file = options.open(self.path.join(format!("chunk-{index}")))?;
        // The lock on the first chunk covers all chunks.
        if index == 0 {
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::ResourceBusy.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(FileChunk(RefCell::new(file)))
    }
}

impl ChunkSource for FileDirectory {
    type Memory = FileChunk;

    fn open(&self, index: u32) -> io::Result<Option<FileChunk>> {
        match self.file(index, OpenOptions::new().read(true).write(true)) {
            Ok(chunk) => Ok((chunk.size() > 0).then_some(chunk)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&self, index: u32) -> io::Result<FileChunk> {
        self.file(index, OpenOptions::new().read(true).write(true).create(true))
    }

    /// Returns a hash of the time, the process and the path.
    fn new_set(&self) -> [u8; 16] {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut sink = Sink::hasher();
        sink.bytes(&now.as_nanos().to_le_bytes());
        sink.bytes(&std::process::id().to_le_bytes());
        sink.bytes(self.path.as_os_str().as_encoded_bytes());
        let Fingerprint(set) = sink.finish();
        set
    }
}

/// A memory in a file. Growing fails if the system has no room for it. Reading and writing panic
/// with the system's error, because a memory cannot return one.
#[derive(Debug)]
pub struct FileChunk(RefCell<File>);

impl FileChunk {
    #[expect(clippy::panic, reason = "a memory has no other way to report an error")]
    fn at(&self, offset: u64, what: impl FnOnce(&mut File) -> io::Result<()>) {
        let file = &mut *self.0.borrow_mut();
        let done = file.seek(SeekFrom::Start(offset)).and_then(|_| what(file));
        done.unwrap_or_else(|error| panic!("a chunk's file, at {offset}: {error}"));
    }
}

impl Memory for FileChunk {
    fn size(&self) -> u64 {
        self.0.borrow().metadata().map_or(0, |metadata| metadata.len() / PAGE)
    }

    fn grow(&self, pages: u64) -> i64 {
        let before = self.size();
        let len = before.checked_add(pages).and_then(|pages| pages.checked_mul(PAGE));
        let grown = len.is_some_and(|len| self.0.borrow().set_len(len).is_ok());
        if grown { before as i64 } else { -1 }
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.at(offset, |file| file.read_exact(out));
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.at(offset, |file| file.write_all(bytes));
    }
}
