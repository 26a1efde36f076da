//! The memory in an image that holds the store.

use graven_collections::stored::StoredStore;
use graven_core::Memory;
use graven_core::page::superblock::MAGIC;
use graven_look::{Image, Managed, Manager, Slices};

/// The memory of a store: the whole image, or a memory of an ic-stable-structures `MemoryManager`.
pub(crate) enum Within<S> {
    Whole(Image<S>),
    Managed(Managed<Image<S>>),
}

/// A store in an image.
pub(crate) type Store<S> = StoredStore<Within<S>>;

impl<S: Slices> Within<S> {
    /// Returns the memory of an image that holds a store. With a manager, that is the one with the
    /// id, or the only one with a store.
    ///
    /// # Errors
    /// The ids of all memories with a store, if there is not only one, or a sentence.
    pub(crate) fn of(image: &Image<S>, id: Option<u8>) -> Result<Self, Choice> {
        let manager = match Manager::of(image) {
            None => return Ok(Within::Whole(image.clone())),
            Some(manager) => manager.map_err(Choice::Impossible)?,
        };
        let found: Vec<u8> = manager.ids().filter(|id| holds_store(&manager.memory(*id))).collect();
        match (id, found.as_slice()) {
            (Some(id), _) => Ok(Within::Managed(manager.memory(id))),
            (None, [id]) => Ok(Within::Managed(manager.memory(*id))),
            (None, []) => {
                Err(Choice::Impossible("none of the memories of its MemoryManager holds a store".to_owned()))
            }
            (None, _) => Err(Choice::Among(found)),
        }
    }
}

/// The reason why there is not one memory with a store.
pub(crate) enum Choice {
    Among(Vec<u8>),
    Impossible(String),
}

fn holds_store(memory: &impl Memory) -> bool {
    let mut bytes = [0; MAGIC.len()];
    if memory.size() > 0 {
        memory.read(0, &mut bytes);
    }
    bytes == MAGIC
}

impl<S: Slices> Memory for Within<S> {
    fn size(&self) -> u64 {
        match self {
            Within::Whole(image) => image.size(),
            Within::Managed(memory) => memory.size(),
        }
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        match self {
            Within::Whole(image) => image.read(offset, out),
            Within::Managed(memory) => memory.read(offset, out),
        }
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        match self {
            Within::Whole(image) => image.write(offset, bytes),
            Within::Managed(memory) => memory.write(offset, bytes),
        }
    }
}
