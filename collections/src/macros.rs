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

/// Implements `Clone` for an iterator, and `Debug`, which shows the items that are left.
macro_rules! cloneable {
    ([$($generics:tt)*] $iter:ty, |$this:ident| $clone:expr) => {
        impl<$($generics)*> Clone for $iter {
            fn clone(&self) -> Self {
                let $this = self;
                $clone
            }
        }

        impl<$($generics)*> core::fmt::Debug for $iter
        where
            <Self as Iterator>::Item: core::fmt::Debug,
        {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.clone()).finish()
            }
        }
    };
}

/// Implements `Debug` for a type that cannot show its content without changing it.
macro_rules! opaque {
    ([$($generics:tt)*] $type:ty, $name:literal) => {
        impl<$($generics)*> core::fmt::Debug for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
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

/// Implements comparisons of two collections that iterate in an order. Their memories may have
/// different types.
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

        impl<$($generics)*> PartialOrd<$other> for $collection
        where
            $($comparable: PartialOrd,)+
        {
            fn partial_cmp(&self, other: &$other) -> Option<core::cmp::Ordering> {
                self.iter().partial_cmp(other.iter())
            }
        }
    };
}

/// Implements `PartialEq` with collections of std that have equal items in the same order.
macro_rules! equal_to_std {
    ($([$($generics:tt)*] $collection:ty, $other:ty, |$ours:pat_param, $theirs:pat_param| $is_equal:expr;)+) => {$(
        impl<$($generics)*> PartialEq<$other> for $collection {
            fn eq(&self, other: &$other) -> bool {
                self.len() == other.len() as u64
                    && self.iter().zip(other.iter()).all(|($ours, $theirs)| $is_equal)
            }
        }
    )+};
}
