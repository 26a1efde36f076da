//! Imports and exports of the wasm module. JavaScript asks for room for a request, writes it, calls
//! `answer`, and reads the answer at `text`.

#![allow(unsafe_code, reason = "functions of other languages have their names and pointers")]

use std::cell::RefCell;
use std::io;

use graven_look::Slices;

use crate::explorer::Explorer;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Writes `len` bytes of the file from an offset on to `out`. Returns 0 if it cannot.
    ///
    /// It is safe to call with the pointer and the length of a slice that is borrowed mutably: the
    /// host writes nothing else, and calls no export meanwhile.
    safe fn read(offset: f64, out: *mut u8, len: usize) -> u32;
}

/// The file that the page has opened.
struct File;

impl Slices for File {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        // Files are shorter than 2^53 bytes, up to which numbers of JavaScript are exact.
        match read(offset as f64, out.as_mut_ptr(), out.len()) {
            0 => Err(io::Error::other("the browser cannot read the file: it was changed or removed")),
            _ => Ok(()),
        }
    }
}

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static EXPLORER: RefCell<Explorer<File>> = RefCell::default();
}

/// Makes room for a request of `len` bytes and returns its address.
#[unsafe(no_mangle)]
pub extern "C" fn request(len: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        text.clear();
        text.resize(len, 0);
        text.as_mut_ptr()
    })
}

/// Answers the request and returns the length of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    let request = TEXT.take();
    let answer = EXPLORER.with_borrow_mut(|explorer| explorer.answer(&request, || File));
    TEXT.set(answer.into_bytes());
    TEXT.with_borrow(Vec::len)
}

/// Returns the address of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.with_borrow(Vec::as_ptr)
}
