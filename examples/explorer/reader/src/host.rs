//! Imports and exports of the wasm module. JavaScript asks for room for a request, writes it, calls
//! `answer`, and reads the answer at `text`.

#![allow(unsafe_code, reason = "functions of other languages have their names and pointers")]

use std::cell::RefCell;
use std::io;

use graven_look::Slices;

use crate::browser::{Browser, MAX_RESPONSE_LEN, Response};
use crate::explorer::Explorer;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Writes `len` bytes of the file from an offset on to `out`. Returns 0 if it cannot.
    ///
    /// It is safe to call with the pointer and the length of a slice that is borrowed mutably: the
    /// host writes nothing else, and calls no export meanwhile.
    safe fn read(offset: f64, out: *mut u8, len: usize) -> u32;

    /// Sends a body to an address and waits for the response. Returns its status, or 0 if there is
    /// none.
    ///
    /// It is safe to call with the pointers and the lengths of slices that are borrowed: the host
    /// only reads them.
    safe fn post(url: *const u8, url_len: usize, body: *const u8, body_len: usize) -> u32;

    /// Returns the length of the body of the last response.
    safe fn response_len() -> usize;

    /// Writes the body of the last response to `out`. It is safe to call with the pointer to a
    /// slice of [`response_len`] bytes that is borrowed mutably.
    safe fn response(out: *mut u8);

    /// Returns the milliseconds since 1970.
    safe fn now() -> f64;
}

/// The browser, with the file that the page has opened.
struct Host;

impl Slices for Host {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        // Files are shorter than 2^53 bytes, up to which numbers of JavaScript are exact.
        match read(offset as f64, out.as_mut_ptr(), out.len()) {
            0 => Err(io::Error::other("the browser cannot read the file: it was changed or removed")),
            _ => Ok(()),
        }
    }
}

impl Browser for Host {
    fn post(&self, url: &str, body: &[u8]) -> Option<Response> {
        let status = post(url.as_ptr(), url.len(), body.as_ptr(), body.len());
        let status = u16::try_from(status).ok().filter(|status| *status > 0)?;
        let len = response_len();
        let body = (len <= MAX_RESPONSE_LEN).then(|| {
            let mut body = vec![0; len];
            response(body.as_mut_ptr());
            body
        });
        Some(Response { status, body })
    }

    fn now(&self) -> u64 {
        (now() * 1e6) as u64
    }
}

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static EXPLORER: RefCell<Explorer<Host>> = RefCell::default();
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
    let answer = EXPLORER.with_borrow_mut(|explorer| explorer.answer(&request, || Host));
    TEXT.set(answer.into_bytes());
    TEXT.with_borrow(Vec::len)
}

/// Returns the address of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.with_borrow(Vec::as_ptr)
}
