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

            fn verify_within(
                &self,
                position: &mut VerifyPosition,
                budget: &mut Budget<'_>,
            ) -> Result<bool> {
                check_within(position, budget, |audit| self.sequence.check(audit))
            }

            fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
                self.sequence.sweep(budget)
            }
        }

        iterable!([T: StableLayout, M: Memory] $list<T, M> => Iter<'a, T, M>);
        extendable!([T: StableLayout, M: Memory] $list<T, M>, T, $push);
        equal_in_order!([T: StableLayout, M: Memory, N: Memory] $list<T, M>, $list<T, N>, T);

        equal_to_std! {
            [T: StableLayout + PartialEq, M: Memory] $list<T, M>, [T], |a, b| a == *b;
            [T: StableLayout + PartialEq, M: Memory] $list<T, M>, &[T], |a, b| a == *b;
            [T: StableLayout + PartialEq, M: Memory, const N: usize] $list<T, M>, [T; N], |a, b| a == *b;
            [T: StableLayout + PartialEq, M: Memory, const N: usize] $list<T, M>, &[T; N], |a, b| a == *b;
            [T: StableLayout + PartialEq, M: Memory] $list<T, M>, std::vec::Vec<T>, |a, b| a == *b;
            [T: StableLayout + PartialEq, M: Memory] $list<T, M>, std::collections::VecDeque<T>, |a, b| a == *b;
        }

        impl<T: StableLayout + core::fmt::Debug, M: Memory> core::fmt::Debug for $list<T, M> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    };
}

pub(crate) use list;
