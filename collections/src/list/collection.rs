//! The parts that are common to every collection with a [`Sequence`](super::Sequence) of values has
//! in common: the store's side, and the traits of std.

/// The traits of a collection of values in the field `sequence`, which `push` adds to.
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

        impl<T: StableLayout, M: Memory> Extend<T> for $list<T, M> {
            fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
                values.into_iter().for_each(|value| {
                    self.$push(value);
                });
            }
        }

        impl<'a, T: StableLayout, M: Memory> IntoIterator for &'a $list<T, M> {
            type Item = T;
            type IntoIter = Iter<'a, T, M>;

            fn into_iter(self) -> Iter<'a, T, M> {
                self.iter()
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
