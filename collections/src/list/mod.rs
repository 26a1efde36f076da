//! The typed layer of collections by position: vectors, deques and logs. They encode, call the
//! sequence of `engine::array`, and decode.

mod collection;
pub(crate) mod deque;
pub(crate) mod index;
pub(crate) mod indexed;
pub(crate) mod iter;
pub(crate) mod log;
mod values;
pub mod vec;
