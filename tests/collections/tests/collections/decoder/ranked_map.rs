//! The second tree of a RankedMap: section 9.

use super::bytes::Reader;
use super::memory::Memory;
use super::roots::{OWN_LAYOUT, Root, State, zero};
use super::sequence::{Extra, Sequence};

const KEYS: usize = 256;
const KEYS_EXTRA: usize = 288;

/// Returns the encoded keys in order; `size` is that of every key, if they have one.
pub fn keys(memory: &Memory, root: &Root, size: Option<usize>) -> Vec<Vec<u8>> {
    zero(&root.extra[..KEYS]);
    let mut reader = Reader::new(&root.extra[KEYS..KEYS_EXTRA]);
    let state = State::read(&mut reader);
    zero(reader.rest());
    let extra = Extra::whole(&root.extra[KEYS_EXTRA..]);
    assert_eq!(extra.dropped, 0, "no key was dropped");
    let size = |layout: u16| {
        assert_eq!(layout, OWN_LAYOUT, "the layout of keys");
        size
    };
    let found = Sequence { memory, owner: root.page, state: &state, extra: &extra, size: &size }.read();
    let pages = if state.pages == 0 { 0 } else { 1 + found.pages };
    assert_eq!(state.pages, pages, "{}: pages of the keys", root.name);
    found.values.into_iter().map(|stored| stored.value).collect()
}
