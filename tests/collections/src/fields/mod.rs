//! Fields and views of any collection, beside whole values.

pub mod histories;

use graven::{
    BTreeMap, Cell, Collection, Deque, Field, HashMap, Log, Memory, Result, Slab, StableLayout, StableVec,
    View, open,
};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

/// A collection whose values have fields. Values are put at ascending numbers from 0 on.
pub trait Fields<V: StableLayout>: Collection {
    /// The collection over another type of values.
    type Of<U: StableLayout>: Fields<U, Memory = Self::Memory>;

    /// `true` if there may be several values.
    const MANY: bool = true;
    /// `true` if values may change.
    const CHANGES: bool = true;

    #[allow(missing_docs)]
    fn value(&self, index: u64) -> Option<V>;
    #[allow(missing_docs)]
    fn put(&mut self, index: u64, value: V);
    #[allow(missing_docs)]
    fn field<T: StableLayout>(&self, index: u64, field: Field<V, T>) -> Result<Option<T>>;
    #[allow(missing_docs)]
    fn set<T: StableLayout>(&mut self, index: u64, field: Field<V, T>, value: T) -> Result<Option<T>>;
    #[allow(missing_docs)]
    fn update<T: StableLayout, R>(
        &mut self,
        index: u64,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<R>>;
    #[allow(missing_docs)]
    fn look<R>(&self, index: u64, look: impl FnOnce(View<'_, V>) -> R) -> Result<Option<R>>;
    #[allow(missing_docs)]
    fn check(&self);
}

macro_rules! reads {
    ($v:ident) => {
        fn field<T: StableLayout>(&self, index: u64, field: Field<$v, T>) -> Result<Option<T>> {
            self.try_get_field(index, field)
        }

        fn look<R>(&self, index: u64, look: impl FnOnce(View<'_, $v>) -> R) -> Result<Option<R>> {
            self.try_view(index, look)
        }

        fn value(&self, index: u64) -> Option<$v> {
            self.get(index)
        }

        fn check(&self) {
            self.verify().unwrap();
        }
    };
}

macro_rules! list {
    ($list:ident, $set:ident, $push:ident) => {
        impl<V: StableLayout, M: Memory> Fields<V> for $list<V, M> {
            type Of<U: StableLayout> = $list<U, M>;

            reads!(V);

            fn put(&mut self, index: u64, value: V) {
                if index < self.len() { _ = self.$set(index, value) } else { _ = self.$push(value) }
            }

            fn set<T: StableLayout>(
                &mut self,
                index: u64,
                field: Field<V, T>,
                value: T,
            ) -> Result<Option<T>> {
                self.try_set_field(index, field, value)
            }

            fn update<T: StableLayout, R>(
                &mut self,
                index: u64,
                field: Field<V, T>,
                change: impl FnOnce(&mut T) -> R,
            ) -> Result<Option<R>> {
                self.try_update_field(index, field, change)
            }
        }
    };
}

list!(StableVec, set, push);
list!(Deque, set, push_back);
list!(Slab, replace, insert);

impl<V: StableLayout, M: Memory> Fields<V> for Log<V, M> {
    type Of<U: StableLayout> = Log<U, M>;

    const CHANGES: bool = false;

    reads!(V);

    fn put(&mut self, index: u64, value: V) {
        assert_eq!(self.append(value), index);
    }

    fn set<T: StableLayout>(&mut self, _: u64, _: Field<V, T>, _: T) -> Result<Option<T>> {
        Ok(None)
    }

    fn update<T: StableLayout, R>(
        &mut self,
        _: u64,
        _: Field<V, T>,
        _: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<R>> {
        Ok(None)
    }
}

macro_rules! map {
    ($map:ident) => {
        impl<V: StableLayout, M: Memory> Fields<V> for $map<u64, V, M> {
            type Of<U: StableLayout> = $map<u64, U, M>;

            fn value(&self, index: u64) -> Option<V> {
                self.get(&index)
            }

            fn put(&mut self, index: u64, value: V) {
                self.insert(index, value);
            }

            fn field<T: StableLayout>(&self, index: u64, field: Field<V, T>) -> Result<Option<T>> {
                self.try_get_field(&index, field)
            }

            fn set<T: StableLayout>(
                &mut self,
                index: u64,
                field: Field<V, T>,
                value: T,
            ) -> Result<Option<T>> {
                self.try_set_field(&index, field, value)
            }

            fn update<T: StableLayout, R>(
                &mut self,
                index: u64,
                field: Field<V, T>,
                change: impl FnOnce(&mut T) -> R,
            ) -> Result<Option<R>> {
                self.try_update_field(&index, field, change)
            }

            fn look<R>(&self, index: u64, look: impl FnOnce(View<'_, V>) -> R) -> Result<Option<R>> {
                self.try_view(&index, look)
            }

            fn check(&self) {
                self.verify().unwrap();
            }
        }
    };
}

map!(BTreeMap);
map!(HashMap);

/// A cell has one value, whatever its number.
impl<V: StableLayout, M: Memory> Fields<V> for Cell<V, M> {
    type Of<U: StableLayout> = Cell<U, M>;

    const MANY: bool = false;

    fn value(&self, _: u64) -> Option<V> {
        self.get()
    }

    fn put(&mut self, _: u64, value: V) {
        Cell::set(self, &value);
    }

    fn field<T: StableLayout>(&self, _: u64, field: Field<V, T>) -> Result<Option<T>> {
        self.try_get_field(field)
    }

    fn set<T: StableLayout>(&mut self, _: u64, field: Field<V, T>, value: T) -> Result<Option<T>> {
        self.try_set_field(field, value)
    }

    fn update<T: StableLayout, R>(
        &mut self,
        _: u64,
        field: Field<V, T>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Result<Option<R>> {
        self.try_update_field(field, change)
    }

    fn look<R>(&self, _: u64, look: impl FnOnce(View<'_, V>) -> R) -> Result<Option<R>> {
        self.try_view(look)
    }

    fn check(&self) {}
}

/// A type whose fields can be gone through.
pub trait Fielded: SampleValue {
    /// Compares every field, alone and in a view, with the whole value.
    fn compare<C: Fields<Self>>(collection: &C, index: u64);

    /// Changes one of the fields of constant size, and gives what the value is then.
    fn change<C: Fields<Self>>(collection: &mut C, index: u64, rng: &mut Rng) -> Self;
}

/// Implements [`Fielded`]: the paths with their fields, and those of them that can be set.
#[macro_export]
macro_rules! fielded {
    ($ty:ty: $($path:ident $($field:ident).+),*; set $($set:ident $to:ident),*) => {
        impl $crate::fields::Fielded for $ty {
            fn compare<C: $crate::fields::Fields<Self>>(collection: &C, index: u64) {
                let whole = collection.value(index).unwrap();
                $(
                    let field = collection.field(index, <$ty>::$path).unwrap();
                    assert_eq!(field.as_ref(), Some(&whole.$($field).+), "{}", <$ty>::$path);
                )*
                let looked = collection.look(index, |view| {
                    $(assert_eq!(view.get(<$ty>::$path), whole.$($field).+, "{} in a view", <$ty>::$path);)*
                    assert_eq!(view.to_owned(), whole);
                    assert_eq!(view.as_bytes(), graven::schema::encode(&whole));
                });
                assert_eq!(looked.unwrap(), Some(()));
            }

            fn change<C: $crate::fields::Fields<Self>>(
                collection: &mut C,
                index: u64,
                rng: &mut graven_tests::rng::Rng,
            ) -> Self {
                let mut whole = collection.value(index).unwrap();
                let mut new = <$ty as graven_tests::samples::SampleValue>::sample(rng);
                let _ = (&mut new, &mut whole);
                let ways: u64 = 0 $(+ { let _ = stringify!($set); 1 })*;
                #[allow(unused_mut)]
                let mut way = rng.below(ways.max(1));
                $(
                    if way == 0 {
                        let value = core::mem::replace(&mut new.$to, whole.$to.clone());
                        let old = collection.set(index, <$ty>::$set, value.clone()).unwrap();
                        assert_eq!(old.as_ref(), Some(&whole.$to), "{}", <$ty>::$set);
                        whole.$to = value;
                    }
                    way = way.wrapping_sub(1);
                )*
                let _ = way;
                whole
            }
        }
    };
}

/// Values of several versions in one collection.
pub struct History<C> {
    memory: Limited<Bytes>,
    collection: C,
    len: u64,
    rng: Rng,
}

impl<C> History<C> {
    /// Returns an empty collection.
    #[must_use]
    pub fn new<V: Fielded>(seed: u64) -> Self
    where
        C: Fields<V, Memory = Limited<Bytes>>,
    {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let collection = open("values", memory.clone()).unwrap();
        History { memory, collection, len: 0, rng: Rng::new(seed) }
    }

    /// Adds values of the newest version, and compares all of them.
    #[must_use]
    pub fn fill<V: Fielded>(mut self, count: u64) -> Self
    where
        C: Fields<V, Memory = Limited<Bytes>>,
    {
        let count = if C::MANY { count } else { 1 };
        for _ in 0..count {
            self.collection.put(self.len, V::sample(&mut self.rng));
            self.len += u64::from(C::MANY);
        }
        self.compare::<V>();
        self
    }

    /// Reopens the memory with a newer type, which reads the values in it.
    #[must_use]
    pub fn upgrade<V: Fielded, U: Fielded>(self) -> History<C::Of<U>>
    where
        C: Fields<V, Memory = Limited<Bytes>>,
    {
        let History { memory, collection, len, rng } = self;
        drop(collection);
        let collection = open("values", memory.clone()).unwrap();
        let history = History { memory, collection, len, rng };
        history.compare::<U>();
        history
    }

    /// Changes some fields: those of old values as well as of new ones.
    #[must_use]
    pub fn change<V: Fielded>(mut self, times: u64) -> Self
    where
        C: Fields<V, Memory = Limited<Bytes>>,
    {
        for _ in 0..if C::CHANGES { times } else { 0 } {
            let index = self.rng.below(self.len.max(1));
            let expected = V::change(&mut self.collection, index, &mut self.rng);
            assert_eq!(self.collection.value(index), Some(expected));
        }
        self.compare::<V>();
        self
    }

    fn compare<V: Fielded>(&self)
    where
        C: Fields<V, Memory = Limited<Bytes>>,
    {
        self.collection.check();
        (0..self.len.max(1)).for_each(|index| V::compare(&self.collection, index));
        if C::MANY {
            assert!(self.collection.look(self.len, |_| ()).unwrap().is_none());
        }
    }
}
