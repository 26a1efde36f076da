//! Implementations of std's traits that collections share.

/// Implements `IntoIterator` for a borrowed collection.
macro_rules! iterable {
    ([$($generics:tt)*] $collection:ty => $iter:ty) => {
        impl<'a, $($generics)*> IntoIterator for &'a $collection {
            type Item = <$iter as Iterator>::Item;
            type IntoIter = $iter;

            fn into_iter(self) -> $iter {
                self.iter()
            }
        }
    };
}

/// Implements `Extend` with values that `$add` accepts, and with references to them.
macro_rules! extendable {
    ([$($generics:tt)*] $collection:ty, $value:ident, $add:ident) => {
        impl<$($generics)*> Extend<$value> for $collection {
            #[track_caller]
            fn extend<I: IntoIterator<Item = $value>>(&mut self, values: I) {
                for value in values {
                    self.$add(value);
                }
            }
        }

        impl<'v, $($generics)*> Extend<&'v $value> for $collection
        where
            $value: Copy,
        {
            #[track_caller]
            fn extend<I: IntoIterator<Item = &'v $value>>(&mut self, values: I) {
                for value in values {
                    self.$add(*value);
                }
            }
        }
    };
    ([$($generics:tt)*] $collection:ty, ($key:ident, $value:ident)) => {
        impl<$($generics)*> Extend<($key, $value)> for $collection {
            #[track_caller]
            fn extend<I: IntoIterator<Item = ($key, $value)>>(&mut self, entries: I) {
                for (key, value) in entries {
                    self.insert(key, value);
                }
            }
        }

        impl<'v, $($generics)*> Extend<(&'v $key, &'v $value)> for $collection
        where
            $key: Copy,
            $value: Copy,
        {
            #[track_caller]
            fn extend<I: IntoIterator<Item = (&'v $key, &'v $value)>>(&mut self, entries: I) {
                for (key, value) in entries {
                    self.insert(*key, *value);
                }
            }
        }
    };
}

/// Implements `PartialEq` with a collection that iterates over comparable items in the same order.
macro_rules! equal_in_order {
    ([$($generics:tt)*] $collection:ty, $other:ty, $($comparable:ident),+) => {
        impl<$($generics)*> PartialEq<$other> for $collection
        where
            $($comparable: PartialEq,)+
        {
            fn eq(&self, other: &$other) -> bool {
                self.len() == other.len() && self.iter().eq(other.iter())
            }
        }
    };
}
