//! Blobs as files.

use std::io::{self, Read, Seek, SeekFrom, Write};

use graven_core::Memory;
use graven_core::key::StableKey;

use crate::blobs::Blobs;

/// A blob with a position, as [`Read`], [`Write`] and [`Seek`]. Writes go to memory at once. A
/// write after the end fills the gap with zeros.
pub struct File<'a, K, M: Memory> {
    blobs: &'a mut Blobs<K, M>,
    key: K,
    position: u64,
}

impl<'a, K: StableKey, M: Memory> File<'a, K, M> {
    pub(super) fn new(blobs: &'a mut Blobs<K, M>, key: K) -> Self {
        File { blobs, key, position: 0 }
    }

    /// Sets the length to `len`: appends zeros or removes bytes at the end.
    ///
    /// # Errors
    /// As [`Blobs::try_write`].
    pub fn set_len(&mut self, len: u64) -> graven_core::Result<()> {
        let end = self.blobs.try_len(&self.key)?.unwrap_or(0);
        if end >= len {
            return self.blobs.try_truncate(&self.key, len);
        }
        self.blobs.try_write(&self.key, len, &[])
    }
}

impl<K: StableKey, M: Memory> Read for File<'_, K, M> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.blobs.try_read_into(&self.key, self.position, out).map_err(io::Error::other)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl<K: StableKey, M: Memory> Write for File<'_, K, M> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.blobs.try_write(&self.key, self.position, bytes).map_err(io::Error::other)?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<K: StableKey, M: Memory> Seek for File<'_, K, M> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => {
                let end = self.blobs.try_len(&self.key).map_err(io::Error::other)?.unwrap_or(0);
                end.checked_add_signed(by)
            }
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place in front of the first byte");
        self.position = position.ok_or_else(before)?;
        Ok(self.position)
    }
}

impl<K: core::fmt::Debug, M: Memory> core::fmt::Debug for File<'_, K, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("File")
            .field("key", &self.key)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
