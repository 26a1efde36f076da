//! The memory of a live store as a file, which all commands read that read images.

use std::fs::{File, remove_file};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use graven_core::explore::MAX_PART_LEN;
use graven_look::canister::{Parts, Transport};

use crate::failure::Failure;

/// Writes the memory to a new file. Returns its size in bytes. Leaves nothing behind after an
/// error.
pub(super) fn to_file<T: Transport>(parts: &Parts<T>, path: &Path) -> Result<u64, Failure> {
    let failed = |error| Failure::Write(path.to_owned(), error);
    let mut file = File::create_new(path).map_err(failed)?;
    let written = write(parts, &mut file, path);
    if written.is_err() {
        // The first error counts.
        let _ = remove_file(path);
    }
    written
}

fn write<T: Transport>(parts: &Parts<T>, file: &mut File, path: &Path) -> Result<u64, Failure> {
    let failed = |error| Failure::Write(path.to_owned(), error);
    let mut offset = 0;
    loop {
        let part = parts.read(offset, MAX_PART_LEN)?;
        let (len, size) = (part.bytes.len() as u64, part.memory_bytes);
        // Zeros are a hole in the file.
        if part.bytes.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(&part.bytes)).map_err(failed)?;
        }
        offset = offset.saturating_add(len);
        if len == 0 || offset >= size {
            file.set_len(size).map_err(failed)?;
            return Ok(size);
        }
    }
}
