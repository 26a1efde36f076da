//! Natural numbers of any size in keys: the number of bytes, then the bytes, the highest first.
//! Types and values without types encode them here.

use super::KeyBuf;
use super::numbers::take;
use crate::layout::Invalid;

/// The byte that precedes a length of four bytes. Numbers of at least this many bytes have one.
const LONG: u8 = 0xff;

/// Writes the bytes of a number, of which the highest comes first and is not 0. Zero has no bytes.
pub(crate) fn write_magnitude(bytes: &[u8], out: &mut KeyBuf) {
    match u8::try_from(bytes.len()) {
        Ok(len) if len < LONG => out.push([len]),
        // Keys are never this long, so the order of the longest numbers does not matter.
        _ => {
            out.push([LONG]);
            out.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    out.extend(bytes);
}

/// Removes a number from the beginning of `bytes`, and returns its own bytes.
///
/// # Errors
/// [`Invalid`] if there is none, or one that is not written with the fewest bytes.
pub(crate) fn read_magnitude<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Invalid> {
    let len = match *take(bytes)? {
        [LONG] => match u32::from_be_bytes(*take(bytes)?) {
            len if len >= u32::from(LONG) => len as usize,
            _ => return Err(Invalid("a short number in a key has the length of a long one")),
        },
        [len] => usize::from(len),
    };
    let (number, rest) = bytes.split_at_checked(len).ok_or(Invalid("a number in a key ends early"))?;
    *bytes = rest;
    if number.first() == Some(&0) {
        return Err(Invalid("a number has more bytes than it needs"));
    }
    Ok(number)
}
