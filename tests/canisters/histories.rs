// One canister for all hand-written histories: a root for each, with entries that every version so
// far has written. Each version of the canister declares its types and says what it expects of each
// entry: `$make` is the value of entry `n` that was written by version `by`, as this version of the
// code sees it.
macro_rules! histories {
    (version $version:literal, sweep $sweep:literal; $($root:ident: $ty:ty = |$n:ident, $by:ident| $make:expr;)*) => {
        #[graven::store]
        struct Histories {
            $($root: graven::BTreeMap<u64, $ty>,)*
            settings: graven::Cell<Settings>,
        }

        graven::canister!(Histories, sweep = $sweep);

        $(fn $root($n: u64, $by: u64) -> $ty {
            let _ = ($n, $by);
            $make
        })*

        /// Keys of what a version writes.
        fn keys(by: u64) -> impl Iterator<Item = u64> {
            (0..60).map(move |i| 3 * i + by)
        }

        /// Writes this version's entries, in between those of other versions.
        #[ic_cdk::update]
        fn write() {
            Histories::with_mut(|store| {
                $(keys($version).for_each(|n| _ = store.$root.insert(n, $root(n, $version)));)*
                store.settings.set(settings($version));
            });
        }

        /// Compares everything that these versions wrote; the number of entries, or what is wrong.
        #[ic_cdk::query]
        fn compare(writers: Vec<u64>) -> Result<u64, String> {
            Histories::with(|store| {
                let mut count = 0;
                $(for by in &writers {
                    for n in keys(*by) {
                        let (found, expected) = (store.$root.get(&n), Some($root(n, *by)));
                        if found != expected {
                            return Err(format!("{} {n}: {found:?} instead of {expected:?}", stringify!($root)));
                        }
                        count += 1;
                    }
                }
                store.$root.verify().map_err(|error| format!("{}: {error}", stringify!($root)))?;)*
                let last = writers.last().copied().unwrap_or(0);
                if store.settings.get() != Some(settings(last)) {
                    return Err(format!("settings: {:?}", store.settings.get()));
                }
                Ok(count)
            })
        }

        /// Pages of older layouts.
        #[ic_cdk::query]
        fn old_pages() -> u64 {
            Histories::with(|store| {
                let layouts = store.stats().into_iter().flat_map(|root| root.layouts);
                layouts.filter(|layout| !layout.current).map(|layout| u64::from(layout.pages)).sum()
            })
        }

        /// Returns the histories that may be deleted.
        #[ic_cdk::query]
        fn obsolete() -> Vec<String> {
            Histories::with(|store| store.obsolete().unwrap().iter().map(ToString::to_string).collect())
        }

        /// Returns the number of histories.
        #[ic_cdk::query]
        fn histories() -> u64 {
            Histories::with(|store| store.stats().len() as u64)
        }
    };
}
