//! A stable memory in a file. It is read in small pieces on demand, and never written.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::Path;
use std::rc::Rc;

use graven_core::Memory;

const WASM_PAGE: u64 = 65_536;

/// The bytes that are read at once for a shorter read.
const BLOCK: u64 = 16_384;

/// The number of blocks that are kept: 4 MiB.
const BLOCKS: u64 = 256;

/// The file. A memory cannot return errors, so the first one is kept for [`Image::error`].
#[derive(Clone)]
pub(crate) struct Image(Rc<State>);

struct State {
    file: File,
    len: u64,
    /// The blocks that were read last, each at the remainder of its number by [`BLOCKS`].
    blocks: RefCell<Vec<Option<Block>>>,
    error: RefCell<Option<io::Error>>,
}

struct Block {
    number: u64,
    bytes: Box<[u8]>,
}

impl Image {
    pub(crate) fn open(path: &Path) -> io::Result<Image> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        let len = file.metadata()?.len();
        // No memory is so short. It would be taken for an empty one.
        if (1..WASM_PAGE).contains(&len) {
            let why = "it is shorter than a page of stable memory, so it was cut off";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let blocks = RefCell::new((0..BLOCKS).map(|_| None).collect());
        Ok(Image(Rc::new(State { file, len, blocks, error: RefCell::default() })))
    }

    /// Returns the first error.
    pub(crate) fn error(&self) -> Option<io::Error> {
        self.0.error.borrow_mut().take()
    }
}

impl State {
    /// Reads through the blocks. A long read goes to the file.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if out.len() as u64 >= BLOCK {
            return read_at(&self.file, out, offset);
        }
        let (mut at, mut rest) = (offset, out);
        while !rest.is_empty() {
            let (number, inside) = (at / BLOCK, (at % BLOCK) as usize);
            let len = rest.len().min(BLOCK as usize - inside);
            let (piece, after) = rest.split_at_mut(len);
            self.read_in_block(number, inside, piece)?;
            (at, rest) = (at + len as u64, after);
        }
        Ok(())
    }

    fn read_in_block(&self, number: u64, inside: usize, out: &mut [u8]) -> io::Result<()> {
        let mut blocks = self.blocks.borrow_mut();
        let place = &mut blocks[(number % BLOCKS) as usize];
        let block = match place {
            Some(block) if block.number == number => block,
            place => {
                let start = number * BLOCK;
                let len = BLOCK.min(self.len.saturating_sub(start)) as usize;
                let mut bytes = place.take().map_or_else(Vec::new, |block| block.bytes.into_vec());
                bytes.resize(len, 0);
                read_at(&self.file, &mut bytes, start)?;
                place.insert(Block { number, bytes: bytes.into_boxed_slice() })
            }
        };
        match block.bytes.get(inside..inside + out.len()) {
            Some(bytes) => out.copy_from_slice(bytes),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (out, offset) = (&mut out[read..], offset + read as u64),
        }
    }
    Ok(())
}

impl Memory for Image {
    /// Returns the number of whole pages.
    fn size(&self) -> u64 {
        self.0.len / WASM_PAGE
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        if let Err(error) = self.0.read(offset, out) {
            out.fill(0);
            self.0.error.borrow_mut().get_or_insert(error);
        }
    }

    fn write(&self, _: u64, _: &[u8]) {
        let error = io::Error::other("a check does not write");
        self.0.error.borrow_mut().get_or_insert(error);
    }
}
