//! Reads parts of a value without decoding all of it.

use core::fmt;
use core::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::layout::field::{Borrows, Field};
use graven_core::layout::{Invalid, StableLayout};
use graven_core::page::PageNumber;
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use crate::codec::value;
use crate::engine::cell::StoredValue;
use crate::engine::migrate;

/// The bytes of a value, which were read at once. Fields are decoded when they are requested, and
/// text and bytes are borrowed.
///
/// No method reads memory, and only [`View::get`] and [`View::to_owned`] may allocate, for the
/// values that they return. The bytes of a value in an older layout were converted to the current
/// one on the heap; the stored value is unchanged.
///
/// # Example: the longest name
/// ```
/// use graven_collections::{BTreeMap, open};
/// use graven_core::DefaultMemoryImpl;
/// use graven_derive::StableLayout;
///
/// #[derive(StableLayout)]
/// #[layout(version = 1, crate = graven_core)]
/// struct User {
///     name: String,
///     balance: u64,
/// }
///
/// let mut users: BTreeMap<u64, User> = open("users", DefaultMemoryImpl::default()).unwrap();
/// users.insert(7, User { name: "Ada".into(), balance: 10 });
/// let letters = users.view(&7, |user| user.str(User::NAME).len());
/// assert_eq!(letters, Some(3));
/// ```
pub struct View<'a, R> {
    bytes: &'a [u8],
    root: &'a dyn NamesErrors,
    page: PageNumber,
    record: PhantomData<fn() -> R>,
}

/// A root that adds its name to errors. Views have no type parameter for its memory.
trait NamesErrors {
    /// Returns the error for bytes on `page` that are not a value.
    fn invalid(&self, page: PageNumber, reason: Invalid) -> Error;
}

impl<M: Memory> NamesErrors for Root<M> {
    #[cold]
    fn invalid(&self, page: PageNumber, reason: Invalid) -> Error {
        self.damaged(page, reason.into())
    }
}

impl<'a, R: StableLayout> View<'a, R> {
    /// Decodes and returns a field.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<T: StableLayout>(&self, field: Field<R, T>) -> T {
        self.try_get(field).or_fail()
    }

    /// Like [`View::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<T: StableLayout>(&self, field: Field<R, T>) -> Result<T> {
        field.read(self.bytes).map_err(|why| self.invalid(why))
    }

    /// Returns the text of a field of type `String` or `Text`, borrowed from the bytes.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_str`] does not.
    #[must_use]
    #[track_caller]
    pub fn str<T: Borrows<Borrowed = str>>(&self, field: Field<R, T>) -> &'a str {
        self.try_str(field).or_fail()
    }

    /// Like [`View::str`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_str<T: Borrows<Borrowed = str>>(&self, field: Field<R, T>) -> Result<&'a str> {
        self.try_at(field)?.try_borrowed()
    }

    /// Returns the bytes of a field of type `Vec<u8>`, `Blob` or `[u8; N]`.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_bytes`] does not.
    #[must_use]
    #[track_caller]
    pub fn bytes<T: Borrows<Borrowed = [u8]>>(&self, field: Field<R, T>) -> &'a [u8] {
        self.try_bytes(field).or_fail()
    }

    /// Like [`View::bytes`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_bytes<T: Borrows<Borrowed = [u8]>>(&self, field: Field<R, T>) -> Result<&'a [u8]> {
        self.try_at(field)?.try_borrowed()
    }

    /// Returns a view of a field, to read several of its own fields.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_at`] does not.
    #[must_use]
    #[track_caller]
    pub fn at<T: StableLayout>(&self, field: Field<R, T>) -> View<'a, T> {
        self.try_at(field).or_fail()
    }

    /// Like [`View::at`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_at<T: StableLayout>(&self, field: Field<R, T>) -> Result<View<'a, T>> {
        let range = field.locate(self.bytes).map_err(|why| self.invalid(why))?;
        let bytes = self.bytes.get(range);
        let bytes = bytes.ok_or_else(|| self.invalid(Invalid("a field ends behind its record")))?;
        Ok(View { bytes, root: self.root, page: self.page, record: PhantomData })
    }

    /// Decodes and returns the whole value.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_to_owned`] does not.
    #[must_use]
    #[track_caller]
    pub fn to_owned(&self) -> R {
        self.try_to_owned().or_fail()
    }

    /// Like [`View::to_owned`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_to_owned(&self) -> Result<R> {
        R::decode(self.bytes).map_err(|why| self.invalid(why))
    }

    /// Returns the encoding in the current layout, unchecked.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    #[cold]
    fn invalid(&self, reason: Invalid) -> Error {
        self.root.invalid(self.page, reason)
    }
}

impl<'a, R: Borrows> View<'a, R> {
    /// Returns the value itself, if it is text or bytes.
    ///
    /// # Panics
    /// On damaged memory; [`View::try_borrowed`] does not.
    #[must_use]
    #[track_caller]
    pub fn borrowed(&self) -> &'a R::Borrowed {
        self.try_borrowed().or_fail()
    }

    /// Like [`View::borrowed`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_borrowed(&self) -> Result<&'a R::Borrowed> {
        R::borrowed(self.bytes).map_err(|why| self.invalid(why))
    }
}

impl<R> Clone for View<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for View<'_, R> {}

impl<R: StableLayout + fmt::Debug> fmt::Debug for View<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&self.try_to_owned()).finish()
    }
}

/// Calls `look` with a view of a stored value and returns what `look` returns.
///
/// # Errors
/// [`Error::Damaged`], if it shows before `look` is called.
#[inline]
pub(crate) fn view<V: StableLayout, M: Memory, R>(
    root: &Root<M>,
    found: StoredValue<'_>,
    look: impl FnOnce(View<'_, V>) -> R,
) -> Result<R> {
    let page = found.page;
    let of = |bytes: &[u8]| look(View { bytes, root, page, record: PhantomData });
    if found.layout == root.current() {
        return Ok(of(&found.read(root.pager())?));
    }
    Ok(of(&migrate::one(root, value::convert::<V>, found)?))
}
