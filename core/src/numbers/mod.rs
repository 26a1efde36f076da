//! Types for the numbers of pages and layouts, on the heap and in headers.

mod layout;
mod page;

pub use layout::{LayoutId, StoredLayout};
pub use page::{PAGE_SIZE, PageNumber, StoredPage};
