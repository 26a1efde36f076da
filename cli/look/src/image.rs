//! A memory that is read in slices on demand, and never written.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use graven_core::Memory;

const WASM_PAGE: u64 = 65_536;

/// The bytes of an image, wherever they are.
pub trait Slices {
    /// Fills `out` with the bytes from an offset on. All of them are in the image.
    ///
    /// # Errors
    /// Any that reading has.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

/// An image. A memory cannot return errors, so the first one is kept for [`Image::error`], and what
/// could not be read is zeros. Clones share all.
pub struct Image<S>(Rc<State<S>>);

struct State<S> {
    slices: S,
    len: u64,
    /// The bytes that are read at once for a shorter read.
    block: u64,
    /// The blocks that were read last, each at the remainder of its number by their count.
    blocks: RefCell<Vec<Option<Block>>>,
    error: RefCell<Option<io::Error>>,
}

struct Block {
    number: u64,
    bytes: Box<[u8]>,
}

impl<S> Clone for Image<S> {
    fn clone(&self) -> Self {
        Image(Rc::clone(&self.0))
    }
}

impl<S> std::fmt::Debug for Image<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("len", &self.0.len).finish_non_exhaustive()
    }
}

impl<S: Slices> Image<S> {
    /// Returns an image of `len` bytes that keeps the last `blocks` blocks of `block` bytes. Both
    /// are more than 0.
    ///
    /// # Errors
    /// An error if there are fewer bytes than a page of stable memory has.
    pub fn new(slices: S, len: u64, block: u32, blocks: usize) -> io::Result<Self> {
        // No memory is so short. It would be taken for an empty one.
        if (1..WASM_PAGE).contains(&len) {
            let why = "it is shorter than a page of stable memory, so it was cut off";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let blocks = RefCell::new((0..blocks).map(|_| None).collect());
        Ok(Image(Rc::new(State { slices, len, block: block.into(), blocks, error: RefCell::default() })))
    }

    /// Returns the bytes of the image.
    #[must_use]
    pub fn slices(&self) -> &S {
        &self.0.slices
    }

    /// Returns the first error, once.
    pub fn error(&self) -> Option<io::Error> {
        self.0.error.borrow_mut().take()
    }
}

impl<S: Slices> State<S> {
    /// Reads through the blocks. A long read goes to the image.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if out.len() as u64 >= self.block {
            return self.slices.read_at(offset, out);
        }
        let (mut at, mut rest) = (offset, out);
        while !rest.is_empty() {
            let (number, inside) = (at / self.block, (at % self.block) as usize);
            let len = rest.len().min(self.block as usize - inside);
            let (piece, after) = rest.split_at_mut(len);
            self.read_in_block(number, inside, piece)?;
            (at, rest) = (at + len as u64, after);
        }
        Ok(())
    }

    fn read_in_block(&self, number: u64, inside: usize, out: &mut [u8]) -> io::Result<()> {
        let mut blocks = self.blocks.borrow_mut();
        let at = (number % blocks.len() as u64) as usize;
        let place = &mut blocks[at];
        let block = match place {
            Some(block) if block.number == number => block,
            place => {
                let start = number * self.block;
                let len = self.block.min(self.len.saturating_sub(start)) as usize;
                let mut bytes = place.take().map_or_else(Vec::new, |block| block.bytes.into_vec());
                bytes.resize(len, 0);
                self.slices.read_at(start, &mut bytes)?;
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

impl<S: Slices> Memory for Image<S> {
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
