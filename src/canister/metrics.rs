//! The metrics of a canister, and the query by which Prometheus asks for them.

/// Generates the text, and the query where it is asked for. The last argument is the option
/// `sweep`.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_metrics {
    ($store:ident, none, $sweep:tt) => {};
    ($store:ident, text, $sweep:tt) => {
        impl $store {
            /// Returns the size of the store and the state of its sweep in the text format of
            /// Prometheus. Reads nothing from stable memory. A root takes some 30,000
            /// instructions.
            pub fn metrics() -> ::std::string::String {
                let (roots, usage) = $store::with(|store| {
                    ($crate::__private::Schema::stats(store), $crate::__private::Schema::usage(store))
                });
                let sweep = $crate::__canister_sweep_status!($store, $sweep);
                $crate::explore::metrics(&roots, &usage, sweep.as_ref())
            }
        }
    };
    ($store:ident, http, $sweep:tt) => {
        $crate::__canister_metrics!($store, text, $sweep);

        const _: () = {
            /// Answers HTTP requests for `/metrics`.
            #[::ic_cdk::query(hidden = true)]
            fn http_request(request: $crate::explore::HttpRequest) -> $crate::explore::HttpResponse {
                $crate::explore::HttpResponse::of_metrics(&request, $store::metrics)
            }
        };
    };
}
