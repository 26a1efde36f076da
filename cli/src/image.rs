//! A stable memory in a file.

use std::fs::File;
use std::io;
use std::path::Path;

use graven_core::Memory;
use graven_look::Slices;

/// The bytes that are read at once for a shorter read.
const BLOCK: u32 = 16_384;

/// The number of blocks that are kept: 4 MiB.
const BLOCKS: usize = 256;

/// The file, which is read in place.
#[derive(Clone)]
pub(crate) struct Image(graven_look::Image<OnDisk>);

struct OnDisk(File);

impl Image {
    pub(crate) fn open(path: &Path) -> io::Result<Image> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        let len = file.metadata()?.len();
        graven_look::Image::new(OnDisk(file), len, BLOCK, BLOCKS).map(Image)
    }

    /// Returns the first error.
    pub(crate) fn error(&self) -> Option<io::Error> {
        self.0.error()
    }
}

#[cfg(unix)]
impl Slices for OnDisk {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, out, offset)
    }
}

#[cfg(windows)]
impl Slices for OnDisk {
    fn read_at(&self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.0, out, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => (out, offset) = (&mut out[read..], offset + read as u64),
            }
        }
        Ok(())
    }
}

impl Memory for Image {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.0.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.0.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.0.write(offset, bytes);
    }
}
