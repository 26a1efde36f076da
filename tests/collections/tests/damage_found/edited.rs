//! An image of a memory, in which the parts of roots are found and numbers are changed.

use graven::Error;
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, image, memory_of};

/// An image, and where its parts are.
pub(crate) struct Image(pub(crate) Vec<u8>);

impl Image {
    pub(crate) fn of(memory: &Bytes) -> Self {
        Image(image(memory))
    }

    pub(crate) fn word(&self, page: u32, offset: usize) -> u32 {
        let at = page as usize * PAGE_SIZE + offset;
        u32::from_le_bytes(self.0[at..at + 4].try_into().unwrap())
    }

    pub(crate) fn half(&self, page: u32, offset: usize) -> usize {
        let at = page as usize * PAGE_SIZE + offset;
        usize::from(u16::from_le_bytes([self.0[at], self.0[at + 1]]))
    }

    pub(crate) fn put(&mut self, page: u32, offset: usize, number: u32) {
        let at = page as usize * PAGE_SIZE + offset;
        self.0[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    /// The page of the root of this name.
    pub(crate) fn root(&self, name: &str) -> u32 {
        let is_named = |page: &u32| {
            let at = *page as usize * PAGE_SIZE;
            self.0[at] == 3
                && self.half(*page, 2) == name.len()
                && self.0[at + 64..].starts_with(name.as_bytes())
        };
        (1..self.word(0, 32)).find(is_named).expect(name)
    }

    pub(crate) fn top(&self, name: &str) -> u32 {
        self.word(self.root(name), 8)
    }

    /// The leaves of a root.
    pub(crate) fn leaves(&self, name: &str) -> Vec<u32> {
        let root = self.root(name);
        let is_leaf = |page: &u32| self.half(*page, 0) == 2 && self.word(*page, 12) == root;
        (1..self.word(0, 32)).filter(is_leaf).collect()
    }

    /// The offset of the cell in a slot of a node.
    pub(crate) fn cell(&self, page: u32, slot: usize) -> usize {
        self.half(page, 32 + 2 * slot) & 0xfff
    }

    /// The first chain that the leaves of a root name.
    pub(crate) fn chain(&self, name: &str) -> u32 {
        for leaf in self.leaves(name) {
            for slot in 0..self.half(leaf, 2) {
                if self.half(leaf, 32 + 2 * slot) & 0x4000 != 0 {
                    return self.word(leaf, self.cell(leaf, slot));
                }
            }
        }
        panic!("{name} has no chain");
    }

    pub(crate) fn memory(&self) -> Bytes {
        memory_of(&self.0)
    }
}
/// Checks that damage was met.
#[track_caller]
pub(crate) fn is_damaged<T>(result: graven::Result<T>) {
    assert!(matches!(result, Err(Error::Damaged { .. })), "it was taken for sound");
}
