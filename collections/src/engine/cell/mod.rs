//! Cells: the bytes of a key and a value in a node or bucket, and values as a search finds them.
//! `leaf`, `hash` and `array` decide which cells share a page, and in which order.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod bytes;
mod format;
mod location;
mod value;

pub(crate) use bytes::compare;
pub(crate) use format::{CellFormat, CellHead, Form, MAX_CELL, MIN_CELL, ROOM, SLOT, Sizes, freeblock_of};
pub(crate) use location::{LocatedBytes, ValueLocation, ValueOffset};
pub(crate) use value::{Convert, StoredValue, ValueRef};
