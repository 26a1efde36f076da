//! Stable memory in a file: only the chunks that contain data.

use std::fs::File;
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Result, Write};
use std::path::Path;

use super::{CHUNK, MAX_STABLE_PAGES, StableMemory, WASM_PAGE};

const MAGIC: &[u8; 8] = b"stable\0\x01";

impl StableMemory {
    /// Writes the memory to a file, which contains only the chunks with data.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&self.pages.to_le_bytes())?;
        let mut write = |index: u64, data: &[u8; CHUNK]| {
            if data.iter().all(|byte| *byte == 0) {
                return Ok(());
            }
            file.write_all(&index.to_le_bytes())?;
            file.write_all(data)
        };
        if self.backing.is_some() {
            let mut data = Box::new([0; CHUNK]);
            for index in 0..self.pages {
                self.read(index * WASM_PAGE, &mut *data);
                write(index, &data)?;
            }
        } else {
            self.chunks().try_for_each(|(index, data)| write(index, data))?;
        }
        file.flush()
    }

    /// Reads a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is no such file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let mut magic = [0; 8];
        file.read_exact(&mut magic)?;
        let pages = read_number(&mut file)?.unwrap_or(u64::MAX);
        if magic != *MAGIC || pages > MAX_STABLE_PAGES {
            return Err(Error::new(ErrorKind::InvalidData, "not a saved stable memory"));
        }
        let mut memory = Self { pages, ..Self::default() };
        let mut data = vec![0; CHUNK];
        while let Some(index) = read_number(&mut file)? {
            file.read_exact(&mut data)?;
            if index >= pages {
                return Err(Error::new(ErrorKind::InvalidData, "a chunk lies beyond the stable memory"));
            }
            memory.write(index * WASM_PAGE, &data);
        }
        Ok(memory)
    }
}

/// Returns the next number, or `None` at the end of the file.
fn read_number(file: &mut impl Read) -> Result<Option<u64>> {
    let mut bytes = [0; 8];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u64::from_le_bytes(bytes))),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
