//! The metrics of a canister, and the query by which Prometheus asks for them.

/// Generates the text, and the query where it is asked for. The last argument is the option
/// `sweep`.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_metrics {
    ($store:ident, none, $sweep:tt) => {
        impl $store {
            #[inline(always)]
            fn graven_count_message() {}
        }
    };
    ($store:ident, text, $sweep:tt) => {
        ::std::thread_local! {
            static GRAVEN_MESSAGES: ::core::cell::RefCell<$crate::explore::Messages> = const {
                ::core::cell::RefCell::new($crate::explore::Messages::new())
            };
        }

        impl $store {
            fn graven_count_message() {
                GRAVEN_MESSAGES.with_borrow_mut($crate::explore::Messages::count);
            }

            /// Returns the size of the store, the state of its sweep and the instructions of the
            /// last messages in the text format of Prometheus. Reads nothing from stable memory. A
            /// root takes some 30,000 instructions.
            pub fn metrics() -> ::std::string::String {
                let (roots, usage) = $store::with(|store| {
                    ($crate::__private::Schema::stats(store), $crate::__private::Schema::usage(store))
                });
                let sweep = $crate::__canister_sweep_status!($store, $sweep);
                GRAVEN_MESSAGES.with_borrow(|messages| {
                    $crate::explore::metrics(&roots, &usage, sweep.as_ref(), messages)
                })
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
