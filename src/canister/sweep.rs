//! The background sweep, and the methods by which operators start it, hold it and ask about it.

/// Generates the background sweep, which sends one message after another until nothing is old.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_sweep {
    ($store:ident, none) => {
        impl $store {
            /// Does nothing: the canister has no `sweep` option.
            fn graven_sweep_later() {}
        }
    };
    ($store:ident, { $instructions:expr }) => {
        const _: () = {
            ::std::thread_local! {
                static GRAVEN_SWEEP: ::core::cell::Cell<$crate::SweepState> =
                    const { ::core::cell::Cell::new($crate::SweepState::Idle) };
                #[cfg(target_arch = "wasm32")]
                static GRAVEN_SWEEP_TIMER: ::core::cell::Cell<
                    ::core::option::Option<::ic_cdk_timers::TimerId>,
                > = const { ::core::cell::Cell::new(::core::option::Option::None) };
            }

            /// A part of each message that is forgotten at its end. A trap undoes the message, and
            /// the timer drops it afterwards.
            #[cfg(target_arch = "wasm32")]
            struct GravenSweepMessage;

            #[cfg(target_arch = "wasm32")]
            impl ::core::ops::Drop for GravenSweepMessage {
                fn drop(&mut self) {
                    GRAVEN_SWEEP.set($crate::SweepState::Stopped);
                }
            }

            impl $store {
                /// Starts the background sweep, or continues it after it was held or has stopped.
                /// Call it outside of `with` and `with_mut`.
                pub fn start_sweep() {
                    $store::graven_clear_sweep();
                    $store::graven_sweep_later();
                }

                /// Holds the background sweep until it is started or the canister is upgraded. What
                /// was converted stays so. A message that has begun ends as usual.
                pub fn hold_sweep() {
                    $store::graven_clear_sweep();
                    GRAVEN_SWEEP.set($crate::SweepState::Held);
                }

                /// Returns the state of the background sweep, and the work that is left. Reads
                /// nothing from stable memory.
                pub fn sweep_status() -> $crate::SweepStatus {
                    let roots = $store::with(|store| $crate::__private::Schema::stats(store));
                    $crate::SweepStatus::new(GRAVEN_SWEEP.get(), &roots)
                }

                /// Removes the timer of the next message, so that there are never two.
                fn graven_clear_sweep() {
                    #[cfg(target_arch = "wasm32")]
                    if let ::core::option::Option::Some(timer) = GRAVEN_SWEEP_TIMER.take() {
                        ::ic_cdk_timers::clear_timer(timer);
                    }
                }

                /// Starts the sweep if any page has a previous layout.
                fn graven_sweep_later() {
                    let old = $store::with(|store| {
                        $crate::__private::Schema::stats(store).into_iter().any(|root| {
                            root.incomplete_indexes > 0
                                || root.layouts.into_iter().any(|layout| !layout.current && layout.pages > 0)
                        })
                    });
                    GRAVEN_SWEEP.set(if old {
                        $crate::SweepState::Running
                    } else {
                        $crate::SweepState::Idle
                    });
                    #[cfg(target_arch = "wasm32")]
                    if old {
                        $store::graven_sweep_after(::core::time::Duration::ZERO);
                    }
                }

                /// Sweeps in a separate message, which starts the next one. A message that traps
                /// starts none, so that it is not repeated forever.
                #[cfg(target_arch = "wasm32")]
                fn graven_sweep_after(delay: ::core::time::Duration) {
                    let message = GravenSweepMessage;
                    let timer = ::ic_cdk_timers::set_timer(delay, async {
                        let mut budget =
                            $crate::__private::Budget::instructions($instructions).skip_failing();
                        let swept =
                            $store::with_mut(|store| $crate::__private::Schema::sweep(store, &mut budget));
                        let state = match swept {
                            ::core::result::Result::Ok(progress) => {
                                for skipped in &progress.skipped {
                                    ::ic_cdk::println!("the sweep skipped {skipped}");
                                }
                                if progress.is_done() || progress.is_finished() {
                                    $crate::SweepState::Idle
                                } else {
                                    $store::graven_sweep_after(::core::time::Duration::ZERO);
                                    $crate::SweepState::Running
                                }
                            }
                            ::core::result::Result::Err($crate::__private::Error::OutOfMemory { .. })
                                if budget.migrated > 0 =>
                            {
                                $store::graven_sweep_after(::core::time::Duration::ZERO);
                                $crate::SweepState::Running
                            }
                            ::core::result::Result::Err(
                                error @ $crate::__private::Error::OutOfMemory { .. },
                            ) => {
                                ::ic_cdk::println!("the sweep waits for an hour: {error}");
                                $store::graven_sweep_after(::core::time::Duration::from_secs(3_600));
                                $crate::SweepState::Waiting
                            }
                            ::core::result::Result::Err(error) => {
                                ::ic_cdk::trap(::std::format!("error: {error}"))
                            }
                        };
                        GRAVEN_SWEEP.set(state);
                        ::core::mem::forget(message);
                    });
                    GRAVEN_SWEEP_TIMER.set(::core::option::Option::Some(timer));
                }
            }
        };
    };
}
