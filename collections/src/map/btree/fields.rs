//! Reads and writes fields of a map's values, and views values without decoding them.

use std::ops::ControlFlow;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::range::KeyBounds;
use crate::engine::cell::StoredValue;
use crate::engine::cell::ValueLocation;
use crate::fields;
use crate::fields::Updated;
use crate::fields::view;
use crate::fields::view::View;
use crate::map::btree::BTreeMap;

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Returns a field of the value of a key, without the rest of the value.
    ///
    /// Costs a look-up, as [`BTreeMap::contains_key`] does, and one read of the field's bytes. Each
    /// name of the path whose type varies in size adds one read of 4 to 32 bytes at the start of
    /// the value. If the value is too large for its leaf, each of these reads adds one of 24 bytes.
    /// In a value of an older layout an unchanged field costs the same, and a field that was added
    /// since costs nothing. A value that a `previous` type reads is read whole.
    ///
    /// # Example: eight bytes of a large record
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Account {
    ///     history: Vec<u64>,
    ///     balance: u64,
    /// }
    ///
    /// let mut accounts: BTreeMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { history: vec![1; 1_000], balance: 10 });
    /// assert_eq!(accounts.get_field(&7, Account::BALANCE), Some(10));
    /// assert_eq!(accounts.get_field(&8, Account::BALANCE), None);
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_get_field`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get_field<Q: KeyRef<K> + ?Sized, T: StableLayout>(
        &self,
        key: &Q,
        field: Field<V, T>,
    ) -> Option<T> {
        self.try_get_field(key, field).or_fail()
    }

    /// Like [`BTreeMap::get_field`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if the bytes that are read show it.
    #[inline]
    pub fn try_get_field<Q: KeyRef<K> + ?Sized, T: StableLayout>(
        &self,
        key: &Q,
        field: Field<V, T>,
    ) -> Result<Option<T>> {
        let Some(location) = self.location(written(key).as_slice())? else { return Ok(None) };
        fields::get(self.tree.root(), location, field).map(Some)
    }

    /// Sets a field of the value of a key and returns its old value. Returns `None` if the key has
    /// no value. The field must have a constant size: the offset of any other field depends on its
    /// size, so setting it does not compile.
    ///
    /// Costs what [`BTreeMap::get_field`] costs and one write of the field's bytes, or none if they
    /// are unchanged. Nothing else in the page changes. A value of an older layout is converted and
    /// written as by [`BTreeMap::insert`].
    ///
    /// # Example: in place
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct User {
    ///     name: String,
    ///     active: bool,
    /// }
    ///
    /// let mut users: BTreeMap<u64, User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.insert(7, User { name: "Ada".into(), active: true });
    /// assert_eq!(users.set_field(&7, User::ACTIVE, false), Some(true));
    /// assert!(!users.get(&7).unwrap().active);
    /// ```
    /// A name has no constant size:
    /// ```compile_fail
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::StableLayout;
    /// # #[derive(StableLayout)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # struct User { name: String }
    /// # let mut users: BTreeMap<u64, User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.set_field(&7, User::NAME, "Ida".to_owned());
    /// ```
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`BTreeMap::try_set_field`] does not.
    #[track_caller]
    pub fn set_field<Q: KeyRef<K> + ?Sized, T: StableLayout>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        value: T,
    ) -> Option<T> {
        self.try_set_field(key, field, value).or_fail()
    }

    /// Like [`BTreeMap::set_field`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged); for a value of an older layout also
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) and
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong). The map is unchanged then.
    pub fn try_set_field<Q: KeyRef<K> + ?Sized, T: StableLayout>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        value: T,
    ) -> Result<Option<T>> {
        self.try_update_field(key, field, |old| core::mem::replace(old, value))
    }

    /// Changes a field of the value of a key and returns what `change` returns. Returns `None` if
    /// the key has no value. Costs what [`BTreeMap::set_field`] costs.
    ///
    /// # Example: adding up
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Account {
    ///     owner: String,
    ///     balance: u64,
    /// }
    ///
    /// let mut accounts: BTreeMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { owner: "Ada".into(), balance: 10 });
    /// accounts.update_field(&7, Account::BALANCE, |balance| *balance += 5);
    /// assert_eq!(accounts.get_field(&7, Account::BALANCE), Some(15));
    /// ```
    ///
    /// # Panics
    /// As [`BTreeMap::set_field`].
    #[track_caller]
    pub fn update_field<Q: KeyRef<K> + ?Sized, T: StableLayout, R>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.try_update_field(key, field, change).or_fail()
    }

    /// Like [`BTreeMap::update_field`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`BTreeMap::try_set_field`].
    pub fn try_update_field<Q: KeyRef<K> + ?Sized, T: StableLayout, R>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<R>> {
        let bytes = written(key);
        let Some(location) = self.location(bytes.as_slice())? else { return Ok(None) };
        let Updated { result, record } = fields::update(self.tree.root(), location, field, change)?;
        if let Some(record) = record {
            self.replace(bytes.as_slice(), &record)?;
        }
        Ok(Some(result))
    }

    /// Calls `look` with a view of the value of a key and returns what `look` returns. A view
    /// decodes only the fields that are requested. Reads what [`BTreeMap::get`] reads. Allocates
    /// only if the value is too large for its leaf or of an older layout.
    ///
    /// # Example: two fields without the others
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Post {
    ///     title: String,
    ///     text: String,
    ///     votes: u32,
    /// }
    ///
    /// let mut posts: BTreeMap<u64, Post> = open("posts", DefaultMemoryImpl::default()).unwrap();
    /// posts.insert(1, Post { title: "Hello".into(), text: "long".repeat(100), votes: 3 });
    /// let line = posts.view(&1, |post| format!("{} ({})", post.str(Post::TITLE), post.get(Post::VOTES)));
    /// assert_eq!(line.as_deref(), Some("Hello (3)"));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_view`] does not.
    #[track_caller]
    pub fn view<Q: KeyRef<K> + ?Sized, R>(&self, key: &Q, look: impl FnOnce(View<'_, V>) -> R) -> Option<R> {
        self.try_view(key, look).or_fail()
    }

    /// Like [`BTreeMap::view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if it shows before `look` is called. The
    /// methods of the view report later damage.
    pub fn try_view<Q: KeyRef<K> + ?Sized, R>(
        &self,
        key: &Q,
        look: impl FnOnce(View<'_, V>) -> R,
    ) -> Result<Option<R>> {
        let (root, mut look, mut result) = (&self.tree.root(), Some(look), None);
        self.found(written(key).as_slice(), &mut |found| {
            result = look.take().map(|look| view::view(root, found, look)).transpose()?;
            Ok(())
        })?;
        Ok(result)
    }

    /// Calls `look` with the keys of a range and views of their values, in order, until `look`
    /// returns `Break`. Reads a page for each leaf. Copies only values that are too large for their
    /// leaf or of an older layout.
    ///
    /// # Example: the first that is empty
    /// ```
    /// use std::ops::ControlFlow::{self, Break, Continue};
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Account {
    ///     owner: String,
    ///     balance: u64,
    /// }
    ///
    /// let mut accounts: BTreeMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { owner: "Ada".into(), balance: 10 });
    /// accounts.insert(8, Account { owner: "Ida".into(), balance: 0 });
    /// let empty = accounts.for_each_view(.., |key, account| {
    ///     if account.get(Account::BALANCE) == 0 { Break(key) } else { Continue(()) }
    /// });
    /// assert_eq!(empty, Break(8));
    /// ```
    ///
    /// # Panics
    /// On damaged memory, which [`BTreeMap::try_for_each_view`] returns as an error; if the range
    /// begins after its end, as std's `range`.
    #[track_caller]
    pub fn for_each_view<Q: ?Sized, R: KeyBounds<K, Q>, B>(
        &self,
        range: R,
        look: impl FnMut(K, View<'_, V>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.try_for_each_view(range, look).or_fail()
    }

    /// Like [`BTreeMap::for_each_view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), after `look` was called for the entries
    /// before the damage.
    ///
    /// # Panics
    /// If the range begins after its end, as std's `range`.
    #[track_caller]
    pub fn try_for_each_view<Q: ?Sized, R: KeyBounds<K, Q>, B>(
        &self,
        range: R,
        mut look: impl FnMut(K, View<'_, V>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        let (root, mut cursor) = (&self.tree.root(), self.range(range).into_cursor());
        loop {
            let next = cursor.next(Self::SIZES, |key, found| {
                let key = decode_key(key).on_page(self.tree.root(), found.page)?;
                view::view(root, found, |view| look(key, view))
            })?;
            match next {
                Some(ControlFlow::Continue(())) => {}
                Some(ControlFlow::Break(result)) => return Ok(ControlFlow::Break(result)),
                None => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    /// Does not depend on the type of the field, so it is compiled once for each map.
    #[inline(never)]
    fn location(&self, key: &[u8]) -> Result<Option<ValueLocation>> {
        self.tree.location(Self::SIZES, key)
    }

    #[inline(never)]
    fn found(&self, key: &[u8], read: &mut dyn FnMut(StoredValue<'_>) -> Result<()>) -> Result<()> {
        self.tree.lookup(Self::SIZES, key, read).map(drop)
    }

    #[inline(never)]
    fn replace(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.tree.insert(Self::SIZES, key, value, |_| Ok(())).map(drop)
    }
}
