//! Stores that are read without the types of the code that wrote them, for tools. A memory has the
//! layouts of its keys and values, so this reads any collection of any store.
//!
//! ```text
//! StoredStore, StoredRoot   opens all roots of a memory            (this file, root, body)
//! StoredEntry, Entries      the entries of a root, as bytes        (entry, entries)
//! Findings                  a check of everything                (verify, index)
//! Salvage                   what is whole in a damaged memory     (salvage, nested)
//! PageUse                   what each page is used for              (map)
//! Value                     keys and values without their types    (decode, keys)
//! Loader                    a collection filled from values         (load, load_error)
//! StoredRoot::take_out      an entry that no sweep converts         (take_out)
//! ```
//! The trees are those of the engine. Only `Loader` and `StoredRoot::take_out` write.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod body;
mod decode;
mod entries;
mod entry;
mod index;
mod keys;
mod load;
mod load_error;
mod map;
mod nested;
mod root;
mod salvage;
mod take_out;
mod verify;

use graven_core::page::{PageNumber, Pager, Usage};
use graven_core::store::{CollectionKind, OpenedRoot, Options};
use graven_core::{Damage, Error, Memory, Result};

pub use decode::Parts;
pub use entries::Entries;
pub use entry::{MAX_SHOWN, StoredEntry};
pub use graven_core::ask::Value;
pub use keys::EncodedRange;
pub use load::Loader;
pub use load_error::LoadError;
pub use map::{PageOwner, PageUse};
pub use root::{IndexState, StoredRoot};
pub use salvage::{Recovered, Salvage, Salvaged};
pub use verify::Findings;

/// The number of inner nodes that are kept on the heap, of 4 KiB each.
const CACHED_PAGES: usize = 4096;

/// A store in a memory, opened for reading.
///
/// # Example: a map without its types
/// ```
/// use graven_collections::stored::{StoredStore, Value};
/// use graven_collections::{BTreeMap, open};
/// use graven_core::DefaultMemoryImpl;
///
/// let memory = DefaultMemoryImpl::default();
/// let mut ages: BTreeMap<String, u8> = open("ages", memory.clone())?;
/// ages.insert("Ada".into(), 36);
///
/// let store = StoredStore::open(memory)?;
/// let ages = store.root("ages").unwrap();
/// assert_eq!(ages.declaration(), "ages: BTreeMap<String, u8>");
/// let entry = ages.entries().try_next()?.unwrap();
/// let decoded = [("key", Value::Text("Ada".into())), ("value", Value::Nat(36))];
/// assert_eq!(ages.decode(&entry)?, decoded);
/// # Ok::<(), graven_core::Error>(())
/// ```
#[derive(Debug)]
pub struct StoredStore<M: Memory> {
    pager: Option<Pager<M>>,
    roots: Vec<StoredRoot<M>>,
    damaged: Vec<Error>,
}

impl<M: Memory> StoredStore<M> {
    /// Opens the store in a memory. Reads a page for each root, and the registry. An empty memory
    /// has no roots.
    ///
    /// # Errors
    /// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::UnknownFeatures`], [`Error::Truncated`]
    /// or [`Error::Damaged`] if the memory is not a store of this format. Roots that cannot be
    /// opened are in [`StoredStore::damaged`].
    pub fn open(memory: M) -> Result<Self> {
        let (pager, opened) = OpenedRoot::open_all(memory, Options { cached_pages: CACHED_PAGES })?;
        let (mut intact, mut damaged) = (Vec::new(), Vec::new());
        for root in opened {
            match root {
                Ok(root) => intact.push(root),
                Err(error) => damaged.push(error),
            }
        }
        let tables = intact.iter().filter(|root| root.kind == CollectionKind::Table);
        let tables = tables.filter_map(|root| Some((root.root.name().to_owned(), root.key.clone()?)));
        let tables: Vec<_> = tables.collect();
        let mut roots = Vec::with_capacity(intact.len());
        for root in intact {
            match StoredRoot::new(root, &tables) {
                Ok(root) => roots.push(root),
                Err(error) => damaged.push(error),
            }
        }
        Ok(StoredStore { pager, roots, damaged })
    }

    /// Returns the roots in the order of the catalog.
    #[must_use]
    pub fn roots(&self) -> &[StoredRoot<M>] {
        &self.roots
    }

    /// Returns the root with a name.
    #[must_use]
    pub fn root(&self, name: &str) -> Option<&StoredRoot<M>> {
        self.roots.iter().find(|root| root.name() == name)
    }

    /// Returns the root with a name, to change it.
    #[must_use]
    pub fn root_mut(&mut self, name: &str) -> Option<&mut StoredRoot<M>> {
        self.roots.iter_mut().find(|root| root.name() == name)
    }

    /// Returns the reasons why roots could not be opened.
    #[must_use]
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// Returns how the pages are used, or `None` for an empty memory. Reads nothing.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.pager.as_ref().map(Pager::usage)
    }
}

/// Returns an error about a root once more.
fn again(error: &Error) -> Error {
    match error {
        Error::UnknownFeatures { root, features } => {
            Error::UnknownFeatures { root: root.clone(), features: *features }
        }
        Error::Damaged { root, page, reason } => {
            Error::Damaged { root: root.clone(), page: *page, reason: *reason }
        }
        _ => Damage::RootCheck.on(PageNumber::NONE),
    }
}
