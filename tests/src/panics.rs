//! Panics as values.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::{
    cell::{Cell, RefCell},
    panic,
};

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run` and returns the message of its panic as an error. Prints nothing.
///
/// # Errors
/// The panic's message.
pub fn caught<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                PLACE.set(info.location().map(ToString::to_string).unwrap_or_default());
            } else {
                before(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run)).map_err(|panic| message(panic.as_ref()));
    QUIET.set(before);
    result
}

/// Returns the place of this thread's last [`caught`] panic.
#[must_use]
pub fn last_place() -> String {
    PLACE.with_borrow(Clone::clone)
}

/// Returns `true` if a panic has the text of an error about damaged or exhausted memory.
#[must_use]
pub fn is_an_errors(panic: &str) -> bool {
    panic.starts_with("page ") && panic.contains(" is damaged: ") || panic.starts_with("out of memory")
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}
