//! Images of memories as text: rows of `page:offset` and 16 bytes in hex.

use super::bytes::unhex;
use super::memory::PAGE;

/// The unit in which a memory grows.
const GROWTH: usize = 65_536;

/// Returns the memory of an image that begins with its number of pages.
pub fn memory(image: &str) -> Vec<u8> {
    let (first, rows) = image.split_once('\n').expect("an image has a first line");
    let pages: usize = first.strip_prefix("pages ").expect("the number of pages").parse().unwrap();
    let mut bytes = vec![0; pages * PAGE];
    rows.lines().for_each(|row| put(&mut bytes, row));
    assert_eq!(bytes.len(), pages * PAGE, "rows are in the pages");
    bytes.resize(bytes.len().next_multiple_of(GROWTH), 0);
    bytes
}

/// Writes the bytes of a row to their place; lines without an address say nothing about bytes.
///
/// A comment may follow the bytes: they end before two blanks, or before a word that is not two hex
/// digits.
pub fn put(image: &mut Vec<u8>, row: &str) {
    let Some((page, offset, rest)) = address(row) else { return };
    if image.len() < (page + 1) * PAGE {
        image.resize((page + 1) * PAGE, 0);
    }
    let digits = rest.trim_start().split("  ").next().unwrap_or_default();
    let pairs = digits.split(' ').take_while(|word| word.len() == 2 && is_hex(word));
    let bytes: Vec<u8> = pairs.flat_map(unhex).collect();
    let at = page * PAGE + offset;
    image[at..at + bytes.len()].copy_from_slice(&bytes);
}

fn address(row: &str) -> Option<(usize, usize, &str)> {
    let (address, rest) = row.split_once(' ')?;
    let (page, offset) = address.split_once(':')?;
    Some((page.parse().ok()?, usize::from_str_radix(offset, 16).ok()?, rest))
}

fn is_hex(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_hexdigit())
}
