//! The collections inside [`Nested`](crate::Nested) and [`Records`](crate::Records).

pub use graven_collections::nested::{Alone, Beside, Inner, InnerMut, Nestable, Stored};
pub use graven_collections::records::{Items, ItemsMut, WithItems};
