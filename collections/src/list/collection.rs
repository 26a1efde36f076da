//! The parts that all collections with a [`Sequence`](crate::engine::array::Sequence) of values
//! share: the implementations of `Collection` and of std's traits.

/// Implements the traits of a collection whose values are in the field `sequence`. Its method
/// `$push` adds a value.
macro_rules! list {
    ($list:ident, $kind:ident, $push:ident) => {
        impl<T: StableLayout, M: Memory> Collection for $list<T, M> {
            type Memory = M;

            const SPEC: RootSpec = RootSpec::new::<T>("", CollectionKind::$kind, None);

            fn attach(root: Root<M>) -> Self {
                $list { sequence: Sequence::new(root, T::SIZE, value::convert::<T>), values: PhantomData }
            }

            fn root(&self) -> &Root<M> {
                self.sequence.root()
            }

            fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
                self.sequence.sweep(budget)
            }
        }

        iterable!([T: StableLayout, M: Memory] $list<T, M> => Iter<'a, T, M>);
        extendable!([T: StableLayout, M: Memory] $list<T, M>, T, $push);
        equal_in_order!([T: StableLayout, M: Memory, N: Memory] $list<T, M>, $list<T, N>, T);

        impl<T: StableLayout + PartialEq, M: Memory> PartialEq<[T]> for $list<T, M> {
            fn eq(&self, other: &[T]) -> bool {
                self.len() == other.len() as u64 && self.iter().zip(other).all(|(value, other)| value == *other)
            }
        }

        impl<T: StableLayout + PartialEq, M: Memory, const N: usize> PartialEq<[T; N]> for $list<T, M> {
            fn eq(&self, other: &[T; N]) -> bool {
                *self == other[..]
            }
        }

        impl<T: StableLayout + PartialEq, M: Memory> PartialEq<std::vec::Vec<T>> for $list<T, M> {
            fn eq(&self, other: &std::vec::Vec<T>) -> bool {
                *self == other[..]
            }
        }

        impl<T: StableLayout + core::fmt::Debug, M: Memory> core::fmt::Debug for $list<T, M> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    };
}

pub(crate) use list;
