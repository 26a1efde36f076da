//! The macro that makes a canister of a store.

/// Makes a canister of a store: opens it in `init` and `post_upgrade`, or refuses the upgrade; gives access
/// to it by `with` and `with_mut`; embeds its layouts in the wasm.
///
/// - `graven::canister!(Forum)` does all of this in the canister's stable memory. Opening is the whole of
///   `init` and `post_upgrade`.
/// - `graven::canister!(Forum, init = set_up, post_upgrade = after)` calls a function without arguments
///   after opening; either may be left out.
/// - `graven::canister!(Forum, hooks = none)` exports no hooks: call `Forum::start()` first in your own.
/// - `memory = expression` as the last option opens another memory, such as a `VirtualMemory` of
///   ic-stable-structures' `MemoryManager`.
///
/// The crate needs `ic-cdk` and `candid`. Natively, in unit tests, the store opens itself in a vector when it is first
/// used.
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
#[macro_export]
macro_rules! canister {
    ($store:ident) => {
        $crate::canister!($store, memory = ::core::default::Default::default());
    };
    ($store:ident, hooks = none) => {
        $crate::canister!($store, hooks = none, memory = ::core::default::Default::default());
    };
    ($store:ident, hooks = none, memory = $memory:expr) => {
        $crate::__canister_access!($store, $memory);
    };
    ($store:ident, memory = $memory:expr) => {
        $crate::__canister_access!($store, $memory);
        $crate::__canister_hooks!($store, || (), || ());
    };
    ($store:ident, init = $init:expr $(, memory = $memory:expr)?) => {
        $crate::canister!($store, init = $init, post_upgrade = || () $(, memory = $memory)?);
    };
    ($store:ident, post_upgrade = $after:expr $(, memory = $memory:expr)?) => {
        $crate::canister!($store, init = || (), post_upgrade = $after $(, memory = $memory)?);
    };
    ($store:ident, init = $init:expr, post_upgrade = $after:expr) => {
        $crate::canister!(
            $store, init = $init, post_upgrade = $after, memory = ::core::default::Default::default()
        );
    };
    ($store:ident, init = $init:expr, post_upgrade = $after:expr, memory = $memory:expr) => {
        $crate::__canister_access!($store, $memory);
        $crate::__canister_hooks!($store, $init, $after);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __canister_hooks {
    ($store:ident, $init:expr, $after:expr) => {
        const _: () = {
            #[::ic_cdk::init]
            fn graven_init() {
                $store::start();
                ($init)();
            }

            #[::ic_cdk::post_upgrade]
            fn graven_post_upgrade() {
                $store::start();
                ($after)();
            }
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __canister_access {
    ($store:ident, $memory:expr) => {
        const _: () = {
            ::std::thread_local! {
                static STORE: ::core::cell::RefCell<::core::option::Option<$store>> =
                    const { ::core::cell::RefCell::new(::core::option::Option::None) };
            }

            // Statics of a custom section are data for tools; nothing at run time looks at them.
            #[cfg(target_arch = "wasm32")]
            #[used]
            #[allow(unsafe_code)]
            #[unsafe(link_section = "icp:public graven:layouts")]
            static LAYOUTS: [u8; $crate::store::section::len(<$store as $crate::Schema>::ROOTS)] =
                $crate::store::section::bytes(<$store as $crate::Schema>::ROOTS);

            impl $store {
                /// Opens the store of this canister, or traps with everything that speaks against it: in
                /// `post_upgrade` that refuses the upgrade. Comes first in `init` and `post_upgrade`.
                pub fn start() {
                    match <$store as $crate::Schema>::open_with($memory, $crate::Options::default()) {
                        Ok(store) => STORE.set(::core::option::Option::Some(store)),
                        Err(error) => ::ic_cdk::trap(::std::format!("error: {error}")),
                    }
                }

                /// Calls `f` with the store of this canister.
                pub fn with<R>(f: impl FnOnce(&$store) -> R) -> R {
                    $store::ensure_started();
                    STORE.with_borrow(|store| match store {
                        ::core::option::Option::Some(store) => f(store),
                        ::core::option::Option::None => {
                            ::core::panic!(
                                "call {}::start() in init and post_upgrade",
                                ::core::stringify!($store)
                            )
                        }
                    })
                }

                /// Calls `f` with the store of this canister, to change it.
                pub fn with_mut<R>(f: impl FnOnce(&mut $store) -> R) -> R {
                    $store::ensure_started();
                    STORE.with_borrow_mut(|store| match store {
                        ::core::option::Option::Some(store) => f(store),
                        ::core::option::Option::None => {
                            ::core::panic!(
                                "call {}::start() in init and post_upgrade",
                                ::core::stringify!($store)
                            )
                        }
                    })
                }

                /// Unit tests have no `init`.
                #[inline]
                fn ensure_started() {
                    #[cfg(not(target_arch = "wasm32"))]
                    if STORE.with_borrow(::core::option::Option::is_none) {
                        $store::start();
                    }
                }
            }
        };
    };
}
