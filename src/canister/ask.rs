//! The query by which tools ask for rows of tables.

/// Generates the query.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_ask {
    ($store:ident, none) => {};
    ($store:ident, { $guard:expr }) => {
        const _: () = {
            /// Answers a request for rows of a table. It is for tools, so the interface of the
            /// canister does not list it.
            #[::ic_cdk::query(hidden = true)]
            fn graven_ask(
                request: $crate::ask::Request,
            ) -> ::core::result::Result<$crate::ask::Answer, ::std::string::String> {
                let guard: fn() -> ::core::result::Result<(), ::std::string::String> = $guard;
                guard()?;
                let mut budget = $crate::__private::Budget::instructions(1_000_000_000);
                $store::with(|store| $crate::__private::Schema::ask(store, &request, &mut budget))
                    .map_err(|why| ::std::string::ToString::to_string(&why))
            }
        };
    };
}
