//! The memories inside the memory of an ic-stable-structures `MemoryManager`, in a file.

use crate::image::Image;

/// The memories of a manager in a file.
pub(super) type Manager = graven_look::Manager<Image>;
