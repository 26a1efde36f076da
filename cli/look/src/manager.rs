//! The memories inside the memory of an ic-stable-structures `MemoryManager`. Its own code panics
//! on damaged bytes and writes to memories that it does not know, so the header is read here.

use std::rc::Rc;

use graven_core::Memory;

const WASM_PAGE: u64 = 65_536;

/// The number of memories.
const MEMORIES: usize = 255;

/// The number of buckets, at most.
const BUCKETS: usize = 32_768;

/// The offset of the number of buckets (`u16`), which the pages of a bucket follow (`u16`).
const COUNT_AT: usize = 4;

/// The offset of the pages of each memory (`u64`).
const SIZES_AT: usize = 40;

/// The offset of the memory that each bucket belongs to (`u8`).
const OWNERS_AT: usize = SIZES_AT + 8 * MEMORIES;

/// The memories of a manager.
#[derive(Debug, Clone)]
pub struct Manager<M> {
    image: M,
    bucket_pages: u64,
    sizes: Rc<[u64]>,
    owners: Rc<[u8]>,
}

/// One memory of a manager: its size, and its buckets.
#[derive(Debug, Clone)]
pub struct Managed<M> {
    image: M,
    bucket_pages: u64,
    pages: u64,
    buckets: Rc<[u64]>,
}

impl<M: Memory + Clone> Manager<M> {
    /// Returns the manager in an image, or `None` if there is none. The manager is a reason if its
    /// header is damaged. Reads 35 KiB.
    pub fn of(image: &M) -> Option<Result<Self, String>> {
        let mut header = vec![0; OWNERS_AT + BUCKETS];
        if image.size() == 0 {
            return None;
        }
        image.read(0, &mut header);
        let [b'M', b'G', b'R', version, ..] = header[..] else { return None };
        Some(match version {
            1 => Manager::read(image, &header),
            version => Err(format!("it is the memory of a MemoryManager of version {version}, not 1")),
        })
    }

    fn read(image: &M, header: &[u8]) -> Result<Self, String> {
        let [low, high, pages_low, pages_high] = [0, 1, 2, 3].map(|at| header[COUNT_AT + at]);
        let count = usize::from(u16::from_le_bytes([low, high]));
        let bucket_pages = u64::from(u16::from_le_bytes([pages_low, pages_high]));
        let (sizes, owners) = header[SIZES_AT..].split_at(OWNERS_AT - SIZES_AT);
        let sizes: Rc<[u64]> = sizes.as_chunks().0.iter().map(|size| u64::from_le_bytes(*size)).collect();
        if bucket_pages == 0 || count > BUCKETS {
            return Err("the header of its MemoryManager is damaged".to_owned());
        }
        Ok(Manager { image: image.clone(), bucket_pages, sizes, owners: owners[..count].into() })
    }

    /// Returns the ids of the memories that are not empty.
    pub fn ids(&self) -> impl Iterator<Item = u8> + use<M> {
        let sizes = self.sizes.clone();
        (0..u8::MAX).filter(move |id| sizes[usize::from(*id)] > 0)
    }

    /// Returns the memory with an id. It ends with its last bucket if the header says otherwise.
    #[must_use]
    pub fn memory(&self, id: u8) -> Managed<M> {
        let owned = (0..).zip(self.owners.iter()).filter(|(_, owner)| **owner == id);
        let buckets: Rc<[u64]> = owned.map(|(bucket, _)| bucket).collect();
        let size = self.sizes.get(usize::from(id)).copied().unwrap_or(0);
        let pages = size.min(self.bucket_pages * buckets.len() as u64);
        Managed { image: self.image.clone(), bucket_pages: self.bucket_pages, pages, buckets }
    }
}

impl<M: Memory> Memory for Managed<M> {
    fn size(&self) -> u64 {
        self.pages
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let size = self.bucket_pages * WASM_PAGE;
        let (mut at, mut rest) = (offset, out);
        while !rest.is_empty() {
            let (bucket, inside) = ((at / size) as usize, at % size);
            let len = rest.len().min(usize::try_from(size - inside).unwrap_or(usize::MAX));
            let (piece, after) = rest.split_at_mut(len);
            match self.buckets.get(bucket) {
                Some(bucket) => self.image.read(WASM_PAGE + bucket * size + inside, piece),
                None => piece.fill(0),
            }
            (at, rest) = (at + len as u64, after);
        }
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.image.write(offset, bytes);
    }
}
