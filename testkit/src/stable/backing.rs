//! A file below a stable memory: it is read in place, in small pieces, and never written.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{MAX_STABLE_PAGES, StableMemory, WASM_PAGE};

/// The file. A memory cannot return errors, so the first one is kept.
pub(super) struct Backing(Mutex<State>);

struct State {
    file: File,
    len: u64,
    error: Option<Error>,
}

impl StableMemory {
    /// Returns a stable memory with the content of a file, such as the `stable_memory.bin` of a
    /// canister's snapshot. The file is read where code reads, and never written: 64 KiB around
    /// each write are kept on the heap. It must not change meanwhile.
    ///
    /// # Errors
    /// Returns an error if the file cannot be opened, or if it does not have one or more whole
    /// pages of 64 KiB.
    ///
    /// # Example: a write does not reach the file
    /// ```
    /// use graven_testkit::StableMemory;
    /// let file = tempfile::NamedTempFile::new().unwrap();
    /// std::fs::write(&file, vec![7; 65_536]).unwrap();
    /// let mut memory = StableMemory::over_file(&file).unwrap();
    /// memory.write(1, &[8]);
    /// let mut bytes = [0; 3];
    /// memory.read(0, &mut bytes);
    /// assert_eq!(bytes, [7, 8, 7]);
    /// assert_eq!(std::fs::read(&file).unwrap(), vec![7; 65_536]);
    /// ```
    pub fn over_file(path: impl AsRef<Path>) -> Result<StableMemory> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let len = metadata.len();
        let invalid = |why: &str| Err(Error::new(ErrorKind::InvalidData, why));
        if !metadata.is_file() {
            return invalid("it is not a file");
        }
        if len == 0 || !len.is_multiple_of(WASM_PAGE) || len / WASM_PAGE > MAX_STABLE_PAGES {
            return invalid("a stable memory has one or more whole pages of 64 KiB, and at most 500 GiB");
        }
        let backing = Backing(Mutex::new(State { file, len, error: None }));
        Ok(StableMemory {
            pages: len / WASM_PAGE,
            backing: Some(Arc::new(backing)),
            ..StableMemory::default()
        })
    }

    /// Returns the first error of reading the file below the memory. After an error, the memory had
    /// zeros where the file could not be read.
    pub fn take_read_error(&self) -> Option<Error> {
        let backing = self.backing.as_ref()?;
        backing.0.lock().unwrap_or_else(PoisonError::into_inner).error.take()
    }

    /// Copies a chunk of the file to the heap, where it can be changed.
    pub(super) fn load_chunk(&mut self, index: u64) {
        let Some(backing) = self.backing.clone() else { return };
        let chunk = self.chunk_mut(index);
        if chunk.data.is_none() {
            backing.read(index * WASM_PAGE, chunk.bytes_mut());
        }
    }
}

impl Backing {
    /// Reads bytes of the file, and zeros beyond its end.
    pub(super) fn read(&self, offset: u64, out: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = usize::try_from(state.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (there, beyond) = out.split_at_mut(left.min(out.len()));
        beyond.fill(0);
        if there.is_empty() {
            return;
        }
        let found = state.file.seek(SeekFrom::Start(offset));
        if let Err(error) = found.and_then(|_| state.file.read_exact(there)) {
            there.fill(0);
            state.error.get_or_insert(error);
        }
    }
}
