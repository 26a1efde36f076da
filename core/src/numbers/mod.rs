//! Numbers with a meaning, on the heap and in headers. They know nothing of what they number.

mod layout;
mod page;

pub use layout::{LayoutId, StoredLayout};
pub use page::{PAGE_SIZE, PageNumber, StoredPage};
