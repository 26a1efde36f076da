//! A memory in a new file. Pages of it are kept on the heap, since most reads are of a few bytes,
//! and a failure to write is an error at the end: that of ic-stable-structures asks the file each
//! time, and panics.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use graven_core::Memory;

const WASM_PAGE: u64 = 65_536;

/// The number of wasm pages that are kept: 64 MiB.
const KEPT: usize = 1_024;

/// The file. A memory cannot return errors, so the first one is kept for [`NewFile::finish`].
pub(super) struct NewFile {
    file: RefCell<File>,
    pages: Cell<u64>,
    kept: RefCell<BTreeMap<u64, Kept>>,
    error: RefCell<Option<io::Error>>,
}

struct Kept {
    bytes: Box<[u8]>,
    is_changed: bool,
}

impl NewFile {
    pub(super) fn create(path: &Path) -> io::Result<NewFile> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        Ok(NewFile {
            file: file.into(),
            pages: Cell::new(0),
            kept: RefCell::default(),
            error: RefCell::default(),
        })
    }

    /// Makes the file this long, with zeros at its end.
    pub(super) fn grow_to(&self, len: u64) -> io::Result<()> {
        self.file.borrow().set_len(len)?;
        self.pages.set(len / WASM_PAGE);
        Ok(())
    }

    /// Writes bytes to a part of the file of which nothing is kept.
    pub(super) fn put(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    /// Writes what is kept.
    ///
    /// # Errors
    /// The first error of all.
    pub(super) fn finish(&self) -> io::Result<()> {
        self.write_kept();
        self.error.borrow_mut().take().map_or(Ok(()), Err)
    }

    fn note(&self, done: io::Result<()>) {
        if let Err(error) = done {
            self.error.borrow_mut().get_or_insert(error);
        }
    }

    /// Writes all changed pages and keeps none.
    fn write_kept(&self) {
        for (page, kept) in std::mem::take(&mut *self.kept.borrow_mut()) {
            if kept.is_changed {
                self.note(self.put(page * WASM_PAGE, &kept.bytes));
            }
        }
    }

    /// Calls `with` for each piece of a range, with its kept page.
    fn pieces(
        &self,
        offset: u64,
        len: usize,
        mut with: impl FnMut(&mut Kept, usize, std::ops::Range<usize>),
    ) {
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let (page, inside) = (at / WASM_PAGE, (at % WASM_PAGE) as usize);
            let end = len.min(done + WASM_PAGE as usize - inside);
            if self.kept.borrow().len() >= KEPT && !self.kept.borrow().contains_key(&page) {
                self.write_kept();
            }
            let mut kept = self.kept.borrow_mut();
            let kept = kept.entry(page).or_insert_with(|| {
                let mut bytes = vec![0; WASM_PAGE as usize];
                let mut file = self.file.borrow_mut();
                let read = file.seek(SeekFrom::Start(page * WASM_PAGE));
                self.note(read.and_then(|_| file.read_exact(&mut bytes)));
                Kept { bytes: bytes.into(), is_changed: false }
            });
            with(kept, inside, done..end);
            done = end;
        }
    }
}

impl Memory for NewFile {
    fn size(&self) -> u64 {
        self.pages.get()
    }

    fn grow(&self, pages: u64) -> i64 {
        let before = self.pages.get();
        let len = before.checked_add(pages).and_then(|pages| pages.checked_mul(WASM_PAGE));
        match len.map(|len| self.grow_to(len)) {
            Some(Ok(())) => before as i64,
            Some(Err(error)) => {
                self.note(Err(error));
                -1
            }
            None => -1,
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.pieces(offset, out.len(), |kept, inside, range| {
            let piece = &mut out[range];
            piece.copy_from_slice(&kept.bytes[inside..inside + piece.len()]);
        });
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.pieces(offset, bytes.len(), |kept, inside, range| {
            let piece = &bytes[range];
            kept.bytes[inside..inside + piece.len()].copy_from_slice(piece);
            kept.is_changed = true;
        });
    }
}
