//! Reading and writing fields of a map's values, and viewing values without decoding them.

use std::ops::ControlFlow;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::engine::cell::StoredValue;
use crate::engine::cell::ValueLocation;
use crate::fields;
use crate::fields::Updated;
use crate::fields::view;
use crate::fields::view::View;
use crate::map::hash::{HashMap, iter};

impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Returns a field of the value of a key without reading the rest of the value.
    ///
    /// Costs a look-up, which reads the 32 bytes of a page's header, sixteen of its table and the
    /// key of an entry, and one read of the field's bytes. Each name of the path whose type varies
    /// in size costs one more read, of 4 to 32 bytes of the value's head. If the value is too large
    /// for its page, each of these reads costs another one of 24 bytes. In a value of an older
    /// layout, an unchanged field costs the same, and an added one costs nothing. A value that a
    /// `previous` type reads is read whole.
    ///
    /// # Example: eight bytes of a large record
    /// ```
    /// use graven_collections::{HashMap, open};
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
    /// let mut accounts: HashMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { history: vec![1; 1_000], balance: 10 });
    /// assert_eq!(accounts.get_field(&7, Account::BALANCE), Some(10));
    /// assert_eq!(accounts.get_field(&8, Account::BALANCE), None);
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_get_field`] does not.
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

    /// Like [`HashMap::get_field`], but returns damage as an error.
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
        fields::get(&self.table.root, location, field).map(Some)
    }

    /// Sets a field of the value of a key and returns the old one, or `None` if the key has no
    /// value. The field must have a constant size. Others do not compile, because a new value may
    /// not fit in place.
    ///
    /// Costs what [`HashMap::get_field`] costs and one write of the field's bytes, or none if they
    /// stay the same. Nothing else in the page changes. A value of an older layout is converted and
    /// written as by [`HashMap::insert`].
    ///
    /// # Example: in place
    /// ```
    /// use graven_collections::{HashMap, open};
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
    /// let mut users: HashMap<u64, User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.insert(7, User { name: "Ada".into(), active: true });
    /// assert_eq!(users.set_field(&7, User::ACTIVE, false), Some(true));
    /// assert!(!users.get(&7).unwrap().active);
    /// ```
    /// A name has no constant size, so this does not compile:
    /// ```compile_fail
    /// # use graven_collections::{HashMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::StableLayout;
    /// # #[derive(StableLayout)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # struct User { name: String }
    /// # let mut users: HashMap<u64, User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.set_field(&7, User::NAME, "Ida".to_owned());
    /// ```
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`HashMap::try_set_field`] does not.
    #[track_caller]
    pub fn set_field<Q: KeyRef<K> + ?Sized, T: StableLayout>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        value: T,
    ) -> Option<T> {
        self.try_set_field(key, field, value).or_fail()
    }

    /// Like [`HashMap::set_field`], but returns failures as errors.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged). For a value of an older layout also
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

    /// Changes a field of the value of a key and returns what `change` returns, or `None` if the
    /// key has no value. Costs what [`HashMap::set_field`] costs.
    ///
    /// # Example: adding up
    /// ```
    /// use graven_collections::{HashMap, open};
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
    /// let mut accounts: HashMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { owner: "Ada".into(), balance: 10 });
    /// accounts.update_field(&7, Account::BALANCE, |balance| *balance += 5);
    /// assert_eq!(accounts.get_field(&7, Account::BALANCE), Some(15));
    /// ```
    ///
    /// # Panics
    /// As [`HashMap::set_field`].
    #[track_caller]
    pub fn update_field<Q: KeyRef<K> + ?Sized, T: StableLayout, R>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.try_update_field(key, field, change).or_fail()
    }

    /// Like [`HashMap::update_field`], but returns failures as errors.
    ///
    /// # Errors
    /// As [`HashMap::try_set_field`].
    pub fn try_update_field<Q: KeyRef<K> + ?Sized, T: StableLayout, R>(
        &mut self,
        key: &Q,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<R>> {
        let bytes = written(key);
        let Some(location) = self.location(bytes.as_slice())? else { return Ok(None) };
        let Updated { result, record } = fields::update(&self.table.root, location, field, change)?;
        if let Some(record) = record {
            self.replace(bytes.as_slice(), &record)?;
        }
        Ok(Some(result))
    }

    /// Calls `look` with a view of the value of a key and returns its result. The view decodes only
    /// what is asked for. Reads what [`HashMap::get`] reads. Allocates only if the value is too
    /// large for its page or of an older layout.
    ///
    /// # Example: two fields without the others
    /// ```
    /// use graven_collections::{HashMap, open};
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
    /// let mut posts: HashMap<u64, Post> = open("posts", DefaultMemoryImpl::default()).unwrap();
    /// posts.insert(1, Post { title: "Hello".into(), text: "long".repeat(100), votes: 3 });
    /// let line = posts.view(&1, |post| format!("{} ({})", post.str(Post::TITLE), post.get(Post::VOTES)));
    /// assert_eq!(line.as_deref(), Some("Hello (3)"));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_view`] does not.
    #[track_caller]
    pub fn view<Q: KeyRef<K> + ?Sized, R>(&self, key: &Q, look: impl FnOnce(View<'_, V>) -> R) -> Option<R> {
        self.try_view(key, look).or_fail()
    }

    /// Like [`HashMap::view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if damage is found before `look` is called.
    /// The methods of the view report later damage.
    pub fn try_view<Q: KeyRef<K> + ?Sized, R>(
        &self,
        key: &Q,
        look: impl FnOnce(View<'_, V>) -> R,
    ) -> Result<Option<R>> {
        let (root, mut look, mut result) = (&self.table.root, Some(look), None);
        self.found(written(key).as_slice(), &mut |found| {
            result = look.take().map(|look| view::view(root, found, look)).transpose()?;
            Ok(())
        })?;
        Ok(result)
    }

    /// Calls `look` with all keys and views of their values, in an unspecified order, until it
    /// returns `Break`. Reads every bucket page once. Copies only values that are too large for
    /// their page or of an older layout.
    ///
    /// # Example: one that is empty
    /// ```
    /// use std::ops::ControlFlow::{self, Break, Continue};
    /// use graven_collections::{HashMap, open};
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
    /// let mut accounts: HashMap<u64, Account> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.insert(7, Account { owner: "Ada".into(), balance: 10 });
    /// accounts.insert(8, Account { owner: "Ida".into(), balance: 0 });
    /// let empty = accounts.for_each_view(|key, account| {
    ///     if account.get(Account::BALANCE) == 0 { Break(key) } else { Continue(()) }
    /// });
    /// assert_eq!(empty, Break(8));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_for_each_view`] does not.
    #[track_caller]
    pub fn for_each_view<B>(&self, look: impl FnMut(K, View<'_, V>) -> ControlFlow<B>) -> ControlFlow<B> {
        self.try_for_each_view(look).or_fail()
    }

    /// Like [`HashMap::for_each_view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), after `look` was called with the entries
    /// before it.
    pub fn try_for_each_view<B>(
        &self,
        mut look: impl FnMut(K, View<'_, V>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        let (root, mut walk) = (&self.table.root, self.table.walk());
        loop {
            let next = walk.next(Self::SIZES, |key, found| {
                let key = iter::key(&self.table.root, found.page, key)?;
                view::view(root, found, |view| look(key, view))
            })?;
            match next {
                Some(ControlFlow::Continue(())) => {}
                Some(ControlFlow::Break(result)) => return Ok(ControlFlow::Break(result)),
                None => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    /// Returns the location of a key's value. Not inlined: all fields of a map share its code.
    #[inline(never)]
    fn location(&self, key: &[u8]) -> Result<Option<ValueLocation>> {
        self.table.location(Self::SIZES, key)
    }

    #[inline(never)]
    fn found(&self, key: &[u8], read: &mut dyn FnMut(StoredValue<'_>) -> Result<()>) -> Result<()> {
        self.table.lookup(Self::SIZES, key, read).map(drop)
    }

    #[inline(never)]
    fn replace(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.table.insert(Self::SIZES, key, value).map(drop)
    }
}
