//! The memory of a live store as a file, which all commands read that read images.

use std::fs::{File, remove_file};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use graven_core::explore::{MAX_PART_LEN, MemoryPart};

use super::calls::Explorer;
use super::transport::Transport;
use crate::failure::Failure;

/// Writes the memory to a new file. Returns its size in bytes. Nothing is left behind after an
/// error: parts of several versions of the memory would not fit together.
pub(super) fn to_file<T: Transport>(explorer: &Explorer<T>, path: &Path) -> Result<u64, Failure> {
    let failed = |error| Failure::Write(path.to_owned(), error);
    let mut file = File::create_new(path).map_err(failed)?;
    let written = write(explorer, &mut file, path);
    if written.is_err() {
        // The first error counts.
        let _ = remove_file(path);
    }
    written
}

fn write<T: Transport>(explorer: &Explorer<T>, file: &mut File, path: &Path) -> Result<u64, Failure> {
    let failed = |error| Failure::Write(path.to_owned(), error);
    let mut first: Option<MemoryPart> = None;
    let mut offset = 0;
    loop {
        let part = explorer.memory(offset, MAX_PART_LEN)?;
        let (len, size) = (part.bytes.len() as u64, part.memory_bytes);
        let (known, known_size) =
            first.as_ref().map_or((part.version, size), |first| (first.version, first.memory_bytes));
        if part.version != known || size != known_size {
            let why = "the canister worked while its memory was read: try again, or take a snapshot of it";
            return Err(Failure::Canister(why.to_owned()));
        }
        // Zeros are a hole in the file.
        if part.bytes.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(&part.bytes)).map_err(failed)?;
        }
        offset = offset.saturating_add(len);
        if len == 0 || offset >= size {
            file.set_len(size).map_err(failed)?;
            return Ok(size);
        }
        first.get_or_insert(MemoryPart { bytes: Vec::new(), ..part });
    }
}
