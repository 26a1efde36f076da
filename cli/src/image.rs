//! A stable memory in a file. It is read in small pieces on demand, and never written.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use graven_core::Memory;

const WASM_PAGE: u64 = 65_536;

/// The file. A memory cannot return errors, so the first one is kept for [`Image::error`].
#[derive(Clone)]
pub(crate) struct Image(Rc<RefCell<State>>);

struct State {
    file: File,
    len: u64,
    error: Option<io::Error>,
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
        Ok(Image(Rc::new(RefCell::new(State { file, len, error: None }))))
    }

    /// Returns the first error.
    pub(crate) fn error(&self) -> Option<io::Error> {
        self.0.borrow_mut().error.take()
    }
}

impl State {
    fn read(&mut self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_exact(out)
    }
}

impl Memory for Image {
    /// Returns the number of whole pages.
    fn size(&self) -> u64 {
        self.0.borrow().len / WASM_PAGE
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let mut state = self.0.borrow_mut();
        if let Err(error) = state.read(offset, out) {
            out.fill(0);
            state.error.get_or_insert(error);
        }
    }

    fn write(&self, _: u64, _: &[u8]) {
        let error = io::Error::other("a check does not write");
        self.0.borrow_mut().error.get_or_insert(error);
    }
}
