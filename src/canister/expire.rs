//! The timer that removes rows whose time has come.

/// Generates the timer.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_expire {
    ($store:ident, none) => {
        impl $store {
            /// Does nothing: the canister has no `expire` option.
            fn graven_expire_later() {}
        }
    };
    ($store:ident, { $interval:expr }) => {
        impl $store {
            /// Starts the timer.
            fn graven_expire_later() {
                let interval: ::core::time::Duration = $interval;
                #[cfg(target_arch = "wasm32")]
                ::ic_cdk_timers::set_timer_interval(interval, || async { $store::graven_expire() });
                #[cfg(not(target_arch = "wasm32"))]
                let _ = interval;
            }

            /// Removes rows in this message, and the rest of them in others.
            #[cfg(target_arch = "wasm32")]
            fn graven_expire() {
                let mut budget = $crate::__private::Budget::instructions(1_000_000_000);
                let now = ::ic_cdk::api::time();
                match $store::with_mut(|store| $crate::__private::Schema::expire(store, now, &mut budget)) {
                    ::core::result::Result::Ok(true) => {}
                    ::core::result::Result::Ok(false) => {
                        ::ic_cdk_timers::set_timer(::core::time::Duration::ZERO, async {
                            $store::graven_expire()
                        });
                    }
                    ::core::result::Result::Err(error) => ::ic_cdk::trap(::std::format!("error: {error}")),
                }
            }
        }
    };
}
