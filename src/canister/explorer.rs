//! The calls by which tools look into a running canister, and operators start and hold its sweep.

/// Generates the calls. The last argument is the option `sweep`.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_explorer {
    ($store:ident, none, $sweep:tt) => {};
    ($store:ident, { $guard:expr }, $sweep:tt) => {
        const _: () = {
            fn graven_permit() -> ::core::result::Result<(), ::std::string::String> {
                let guard: fn() -> ::core::result::Result<(), ::std::string::String> = $guard;
                guard()
            }

            fn graven_words(why: impl ::std::string::ToString) -> ::std::string::String {
                ::std::string::ToString::to_string(&why)
            }

            /// Returns the stored roots with their layouts.
            #[::ic_cdk::query(hidden = true)]
            fn graven_schema()
            -> ::core::result::Result<::std::vec::Vec<$crate::explore::RootSchema>, ::std::string::String>
            {
                graven_permit()?;
                $store::with(|store| {
                    $crate::explore::schema($crate::__private::Schema::pager(store)).map_err(graven_words)
                })
            }

            /// Returns the size of the store, and the state of its sweep.
            #[::ic_cdk::query(hidden = true)]
            fn graven_stats() -> ::core::result::Result<$crate::explore::StoreStats, ::std::string::String> {
                graven_permit()?;
                let (roots, usage) = $store::with(|store| {
                    ($crate::__private::Schema::stats(store), $crate::__private::Schema::usage(store))
                });
                let sweep = $crate::__canister_sweep_status!($store, $sweep);
                ::core::result::Result::Ok($crate::explore::StoreStats { roots, usage, sweep })
            }

            /// Returns rows of a table.
            #[::ic_cdk::query(hidden = true)]
            fn graven_records(
                request: $crate::ask::Request,
            ) -> ::core::result::Result<$crate::ask::Answer, ::std::string::String> {
                graven_permit()?;
                let mut budget = $crate::__private::Budget::instructions(1_000_000_000);
                $store::with(|store| {
                    $crate::__private::Schema::ask(store, &request, &mut budget).map_err(graven_words)
                })
            }

            /// Returns bytes of the store's memory.
            #[::ic_cdk::query(hidden = true)]
            fn graven_memory(
                offset: ::core::primitive::u64,
                len: ::core::primitive::u32,
            ) -> ::core::result::Result<$crate::explore::MemoryPart, ::std::string::String> {
                graven_permit()?;
                let version = ::ic_cdk::api::canister_version();
                ::core::result::Result::Ok($store::with(|store| {
                    let pager = $crate::__private::Schema::pager(store);
                    $crate::explore::read_memory(pager, offset, len, version)
                }))
            }

            /// Checks collections from a position on, or from the first one.
            #[::ic_cdk::query(hidden = true)]
            fn graven_verify(
                from: ::core::option::Option<$crate::explore::VerifyPosition>,
            ) -> ::core::result::Result<$crate::explore::VerifyStep, ::std::string::String> {
                graven_permit()?;
                let mut budget = $crate::__private::Budget::instructions(1_000_000_000);
                ::core::result::Result::Ok($store::with(|store| {
                    let version = ::ic_cdk::api::canister_version();
                    $crate::explore::verify(store, from.unwrap_or_default(), version, &mut budget)
                }))
            }

            /// Starts the background sweep.
            #[::ic_cdk::update(hidden = true)]
            fn graven_start_sweep() -> ::core::result::Result<$crate::SweepStatus, ::std::string::String> {
                graven_permit()?;
                $crate::__canister_control_sweep!($store, start_sweep, $sweep)
            }

            /// Holds the background sweep.
            #[::ic_cdk::update(hidden = true)]
            fn graven_hold_sweep() -> ::core::result::Result<$crate::SweepStatus, ::std::string::String> {
                graven_permit()?;
                $crate::__canister_control_sweep!($store, hold_sweep, $sweep)
            }
        };
    };
}

/// Returns the status of the background sweep, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_sweep_status {
    ($store:ident, none) => {
        ::core::option::Option::None
    };
    ($store:ident, $sweep:tt) => {
        ::core::option::Option::Some($store::sweep_status())
    };
}

/// Starts or holds the background sweep, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_control_sweep {
    ($store:ident, $control:ident, none) => {
        ::core::result::Result::Err(::std::string::String::from("the canister has no `sweep` option"))
    };
    ($store:ident, $control:ident, $sweep:tt) => {{
        $store::$control();
        ::core::result::Result::Ok($store::sweep_status())
    }};
}
