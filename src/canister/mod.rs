//! The macro that generates a canister from a store. `options` reads its arguments, `sweep` and
//! `expire` are timers, and `ask`, `explorer` and `metrics` are calls of tools.

mod ask;
mod expire;
mod explorer;
mod metrics;
mod options;
mod sweep;

/// Generates a canister from a store. It opens the store in `init` and `post_upgrade`, or refuses
/// the upgrade. It gives access by `with` and `with_mut`, and embeds the layouts in the wasm.
///
/// - `graven::canister!(Forum)` does all of this in the canister's stable memory. Opening is the
///   whole of `init` and `post_upgrade`.
/// - `graven::canister!(Forum, init = set_up, post_upgrade = after)` calls a function without
///   arguments after opening; both are optional.
/// - `sweep = 1_000_000_000` brings old records to the current layouts in the background: after an
///   upgrade, a timer sweeps in messages of that many instructions until nothing is old. The crate
///   needs `ic-cdk-timers` for it. If a message traps, because a conversion panics or exceeds the
///   instructions of a message, it changes nothing, and the sweep stops until the next upgrade, or
///   until `Forum::start_sweep()`. Records that it did not reach are converted as they are read. If
///   memory is exhausted, the work done is kept, and the sweep continues an hour later.
///   `Forum::hold_sweep()` holds it, and `Forum::sweep_status()` returns its
///   [`SweepStatus`](crate::SweepStatus).
/// - `expire = Duration::from_secs(60)` removes rows of tables with `#[table(expires = …)]` whose
///   time has come, by a timer of that interval and in messages of a billion instructions at most.
///   It needs `ic-cdk-timers`, too.
/// - `ask = controllers` exports the query `graven_ask`, by which controllers read rows of tables
///   with a filter of names and values ([`ask`](crate::ask)). `ask = guard` lets others do so: a
///   function that returns `Ok(())` or why the caller may not. It needs the feature `candid`.
/// - `explorer` exports the calls of [`explore`](crate::explore): by queries, controllers see the
///   schema, the sizes, rows of tables and the memory; by updates, they start and hold the sweep.
///   `explorer = guard` lets others do so, as for `ask`. It needs the feature `candid`.
/// - `metrics` exports `http_request`, which answers `/metrics` in the text format of Prometheus
///   and needs the feature `candid`. Each `Forum::with_mut` takes 500 instructions more, to count
///   those of its message. `metrics = none` exports nothing: call `Forum::metrics()` in
///   an `http_request` of your own.
/// - `hooks = none` exports no hooks: call `Forum::start()` first in your own hooks.
/// - `memory = expression` opens another memory, such as a `VirtualMemory` of ic-stable-structures'
///   `MemoryManager`.
///
/// Options may be combined in any order, except that `hooks = none` excludes `init` and
/// `post_upgrade`. The crate that invokes the macro needs `ic-cdk` and `candid` as dependencies
/// under these names: the attributes of `ic-cdk` generate code that names them. `graven` itself may
/// have any name, or come from another crate. In native unit tests, the store opens itself in a
/// vector when it is first used.
///
/// # Example: a counter
/// ```
/// use graven::Cell;
///
/// #[graven::store]
/// struct Counter {
///     count: Cell<u64>,
/// }
///
/// graven::canister!(Counter);
///
/// # // As a canister has it, `increment` would be `#[ic_cdk::update]`.
/// fn increment() -> u64 {
///     Counter::with_mut(|counter| counter.count.update(|count| {
///         *count += 1;
///         *count
///     }))
/// }
/// assert_eq!((increment(), increment()), (1, 2));
/// ```
///
/// # Example: hooks and a memory of one's own
/// ```
/// #[graven::store]
/// struct Counter {
///     count: graven::Cell<u64>,
/// }
///
/// use graven::DefaultMemoryImpl;
///
/// graven::canister!(Counter, hooks = none, memory = DefaultMemoryImpl::default(), sweep = 1_000_000_000);
///
/// #[ic_cdk::init]
/// fn init() {
///     Counter::start();
///     Counter::with_mut(|counter| counter.count.set(7));
/// }
///
/// # init();
/// # Counter::graven_sweep_later();
/// assert_eq!(Counter::with(|counter| counter.count.get()), Some(7));
///
/// ```
///
/// # Example: metrics for Prometheus
/// ```
/// #[graven::store]
/// struct Counter {
///     count: graven::Cell<u64>,
/// }
///
/// graven::canister!(Counter, sweep = 1_000_000_000, metrics = none);
///
/// Counter::with_mut(|counter| counter.count.set(7));
/// assert!(Counter::metrics().contains("\ngraven_root_entries{root=\"count\"} 1\n"));
/// Counter::hold_sweep();
/// assert_eq!(Counter::sweep_status().to_string(), "held: 0 pages of previous layouts");
/// Counter::start_sweep();
/// assert_eq!(Counter::sweep_status().state, graven::SweepState::Idle);
/// ```
///
/// # Example: what the hooks call
/// ```
/// #[graven::store]
/// struct Counter {
///     count: graven::Cell<u64>,
/// }
///
/// graven::canister!(Counter, post_upgrade = || println!("back again"), init = begin);
///
/// fn begin() {
///     Counter::with_mut(|counter| counter.count.set(1));
/// }
/// ```
#[macro_export]
macro_rules! canister {
    ($store:ident $(, $($options:tt)*)?) => {
        $crate::__canister_options!($store, none, none, hooks, none, none, none, none, none, none; $($($options)*)?,);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __canister_hooks {
    ($store:ident, $init:tt, $after:tt) => {
        const _: () = {
            #[::ic_cdk::init]
            fn graven_init() {
                $store::start();
                $crate::__canister_call!($init);
            }

            #[::ic_cdk::post_upgrade]
            fn graven_post_upgrade() {
                $store::start();
                $crate::__canister_call!($after);
            }
        };
    };
}

/// Calls a function if one was given.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_call {
    (none) => {};
    ({ $function:expr }) => {
        ($function)()
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __canister_access {
    ($store:ident, none) => {
        $crate::__canister_access!($store, { ::core::default::Default::default() });
    };
    ($store:ident, { $memory:expr }) => {
        const _: () = {
            // The expression for the memory sees these names, so they must not clash with a
            // program's names.
            ::std::thread_local! {
                static GRAVEN_STORE: ::core::cell::RefCell<::core::option::Option<$store>> =
                    const { ::core::cell::RefCell::new(::core::option::Option::None) };
            }

            // The static is data for tools and unused at run time. Lints are silent in macros of
            // other crates; an `allow` of `unsafe_code` would be an error in a crate that forbids
            // it.
            #[cfg(target_arch = "wasm32")]
            #[used]
            #[unsafe(link_section = "icp:public graven:layouts")]
            static GRAVEN_LAYOUTS: [u8; $crate::__private::store::section::len(
                <$store as $crate::__private::Schema>::ROOTS,
                <$store as $crate::__private::Schema>::DROPPED,
            )] = $crate::__private::store::section::bytes(
                <$store as $crate::__private::Schema>::ROOTS,
                <$store as $crate::__private::Schema>::DROPPED,
            );

            impl $store {
                /// Opens the store of this canister, or traps with all problems. In `post_upgrade`,
                /// a trap refuses the upgrade. Call it first in `init` and `post_upgrade`. It
                /// starts the background sweep, if there is one. A second call does nothing.
                pub fn start() {
                    if GRAVEN_STORE.with_borrow(::core::option::Option::is_some) {
                        return;
                    }
                    match <$store as $crate::__private::Schema>::open_with(
                        $memory,
                        $crate::__private::Options::default(),
                    ) {
                        ::core::result::Result::Ok(store) => {
                            GRAVEN_STORE
                                .with_borrow_mut(|place| *place = ::core::option::Option::Some(store));
                        }
                        ::core::result::Result::Err(error) => {
                            ::ic_cdk::trap(::std::format!("error: {error}"))
                        }
                    }
                    $store::graven_sweep_later();
                    $store::graven_expire_later();
                }

                /// Calls `f` with the store of this canister.
                pub fn with<R>(f: impl FnOnce(&$store) -> R) -> R {
                    $store::graven_ensure_started();
                    GRAVEN_STORE.with(|store| match store.try_borrow().as_deref() {
                        ::core::result::Result::Ok(::core::option::Option::Some(store)) => f(store),
                        ::core::result::Result::Ok(::core::option::Option::None) => {
                            ::core::panic!(
                                "call {}::start() in init and post_upgrade",
                                ::core::stringify!($store)
                            )
                        }
                        ::core::result::Result::Err(_) => ::core::panic!(
                            "{0}::with inside {0}::with_mut: use the store that the closure was given",
                            ::core::stringify!($store)
                        ),
                    })
                }

                /// Calls `f` with mutable access to the store of this canister.
                pub fn with_mut<R>(f: impl FnOnce(&mut $store) -> R) -> R {
                    $store::graven_ensure_started();
                    GRAVEN_STORE.with(|store| match store.try_borrow_mut().as_deref_mut() {
                        ::core::result::Result::Ok(::core::option::Option::Some(store)) => {
                            let result = f(store);
                            $store::graven_count_message();
                            result
                        }
                        ::core::result::Result::Ok(::core::option::Option::None) => {
                            ::core::panic!(
                                "call {}::start() in init and post_upgrade",
                                ::core::stringify!($store)
                            )
                        }
                        ::core::result::Result::Err(_) => ::core::panic!(
                            "{0}::with_mut inside {0}::with or {0}::with_mut: use the store that the outer \
                             closure was given",
                            ::core::stringify!($store)
                        ),
                    })
                }

                /// Runs a function that changes the store of this canister, as a whole or not at
                /// all: if it returns an error, everything that it wrote is undone.
                pub fn transaction<T, E>(
                    f: impl ::core::ops::FnOnce(&mut $store) -> ::core::result::Result<T, E>,
                ) -> ::core::result::Result<T, E> {
                    $store::with_mut(|store| $crate::__private::Schema::transact(store, f))
                }

                /// Opens the store in unit tests, which have no `init`.
                #[inline]
                fn graven_ensure_started() {
                    #[cfg(not(target_arch = "wasm32"))]
                    if GRAVEN_STORE.with(|store| {
                        ::core::matches!(
                            store.try_borrow().as_deref(),
                            ::core::result::Result::Ok(::core::option::Option::None)
                        )
                    }) {
                        $store::start();
                    }
                }
            }
        };
    };
}

/// Programs may use the names of std for their own items.
///
/// ```
/// #[allow(dead_code)]
/// struct Ok;
/// #[allow(dead_code)]
/// struct Err;
///
/// thread_local! {
///     static STORE: graven::DefaultMemoryImpl = graven::DefaultMemoryImpl::default();
/// }
///
/// #[graven::store]
/// struct Counter {
///     count: graven::Cell<u64>,
/// }
///
/// graven::canister!(Counter, memory = STORE.with(Clone::clone));
///
/// # fn main() {
/// Counter::with_mut(|counter| counter.count.set(7));
/// # }
/// ```
#[cfg(doctest)]
struct Names;

/// A second `start` keeps the store. Nested access panics and says how to avoid it.
///
/// ```
/// use std::panic::catch_unwind;
///
/// #[graven::store]
/// struct Counter {
///     count: graven::Cell<u64>,
/// }
///
/// graven::canister!(Counter);
///
/// # fn main() {
/// Counter::start();
/// Counter::with_mut(|counter| counter.count.set(7));
/// Counter::start();
/// let read = || Counter::with(|counter| counter.count.get());
/// assert_eq!(read(), Some(7));
/// assert_eq!(Counter::with(|_| read()), Some(7));
///
/// let words = |panic: Box<dyn std::any::Any + Send>| *panic.downcast_ref::<&str>().unwrap();
/// let panic = catch_unwind(|| Counter::with_mut(|_| read())).unwrap_err();
/// assert_eq!(
///     words(panic),
///     "Counter::with inside Counter::with_mut: use the store that the closure was given"
/// );
/// let panic = catch_unwind(|| Counter::with(|_| Counter::with_mut(|_| ()))).unwrap_err();
/// assert!(words(panic).starts_with("Counter::with_mut inside Counter::with or Counter::with_mut"));
/// assert_eq!(read(), Some(7));
/// # }
/// ```
#[cfg(doctest)]
struct Nested;
