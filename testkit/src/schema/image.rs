//! The bytes of a stable memory: where they come from, and where they go.

use std::path::Path;
use std::{fmt, fs, io};

use graven_core::{DefaultMemoryImpl, Memory};

use crate::WASM_PAGE;

/// All bytes of a stable memory, to test migrations with: written by a store natively, loaded from
/// a file, or taken from a canister. An image never changes; stores open copies of it.
///
/// # Example: a new field gets its default
/// ```
/// use graven::{BTreeMap, StableLayout};
/// use graven_testkit::Image;
///
/// // As it was released.
/// mod v1 {
///     use graven::{BTreeMap, StableLayout};
///
///     #[derive(StableLayout)]
///     #[layout(version = 1)]
///     pub struct User {
///         pub name: String,
///     }
///
///     #[graven::store]
///     pub struct Forum {
///         pub users: BTreeMap<u64, User>,
///     }
/// }
///
/// #[derive(StableLayout)]
/// #[layout(version = 2)]
/// struct User {
///     name: String,
///     #[layout(since = 2, default = 10)]
///     karma: u64,
/// }
///
/// #[graven::store]
/// struct Forum {
///     users: BTreeMap<u64, User>,
/// }
///
/// let image = Image::build(|forum: &mut v1::Forum| {
///     forum.users.insert(1, v1::User { name: "Ada".into() });
/// });
/// let forum: Forum = image.open();
/// let ada = forum.users.get(&1).unwrap();
/// assert_eq!((ada.name.as_str(), ada.karma), ("Ada", 10));
/// ```
///
/// # Canisters
/// `canister.set_stable_image(image.bytes())` gives an image to a [`Canister`](crate::Canister),
/// whose next upgrade then opens it; `Image::new(canister.stable_image())` takes one.
///
/// # A store in a memory manager
/// [`Image::build`] and [`Image::open`] are for stores that have the whole memory, as
/// `graven::canister!` gives it to them. For a store in a virtual memory make the manager over
/// [`Image::memory`], open the store in that, and take what it wrote by [`Image::of`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Returns an image with these bytes, rounded up to whole pages of 64 KiB with zeroes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Image {
        let mut bytes = bytes.into();
        bytes.resize(bytes.len().next_multiple_of(WASM_PAGE as usize), 0);
        Image { bytes }
    }

    /// Returns the image of a memory.
    #[must_use]
    pub fn of(memory: &impl Memory) -> Image {
        let mut bytes = vec![0; (memory.size() * WASM_PAGE) as usize];
        memory.read(0, &mut bytes);
        Image { bytes }
    }

    /// Reads a file with all bytes of a stable memory and nothing else: one that [`Image::save`] or
    /// [`Image::assert_golden`] wrote, or the `stable_memory.bin` of a canister's snapshot. The
    /// path of a file in the package is relative to the package's folder, where cargo runs its
    /// tests.
    ///
    /// # Errors
    /// Those of reading the file, with its name, and [`io::ErrorKind::InvalidData`] if it does not
    /// have one or more whole pages of 64 KiB.
    pub fn load(path: impl AsRef<Path>) -> io::Result<Image> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|error| named(path, &error))?;
        if bytes.is_empty() || !(bytes.len() as u64).is_multiple_of(WASM_PAGE) {
            let why = format!(
                "{}: {} bytes are no stable memory, which has whole pages of {WASM_PAGE}: it was cut off, or is \
                 something else",
                path.display(),
                bytes.len()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(Image { bytes })
    }

    /// Writes all bytes to a file, in a folder that is made if need be.
    ///
    /// # Errors
    /// Those of writing the file, with its name.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(path, &self.bytes)).map_err(|error| named(path, &error))
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes, to be kept or to be damaged on purpose.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Returns a memory that holds a copy of these bytes.
    #[must_use]
    pub fn memory(&self) -> DefaultMemoryImpl {
        let memory = DefaultMemoryImpl::default();
        memory.borrow_mut().extend_from_slice(&self.bytes);
        memory
    }
}

impl fmt::Debug for Image {
    /// How large it is: nobody reads the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} bytes)", self.bytes.len())
    }
}

/// Returns an error that says of which file it is.
pub(super) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
