//! `graven.lock`: the layout of every version that was shipped, as text that people read and merge.
//! What it says of a history is here, for tools; the derive compares at compile time on its own.

mod compare;
mod entry;
mod file;
mod text;

pub use compare::{Declared, compare, declared, update};
pub use entry::Entry;
pub use file::{Lock, SyntaxError};
pub use text::is_written;
