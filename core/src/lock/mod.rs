//! `graven.lock`: the layout of every version that was shipped, as text that people read and merge.
//! Tools compare it with code here. The derive has its own comparison at compile time.

mod compare;
mod entry;
mod file;
mod retired;
mod roots;
mod text;

pub use compare::{Added, Declared, compare, declared, update};
pub use entry::Entry;
pub use file::{Lock, SyntaxError};
pub use retired::RetiredName;
pub use text::is_written;
