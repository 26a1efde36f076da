//! Pages whose cells all have one size. The buckets of hash maps and the leaves of trees are such
//! pages if keys and values have constant sizes. A table of control bytes, one for each cell,
//! tells in which cells a key may be. `hash` and `leaf` know what else is in their pages.

mod builder;
mod cells;
mod check;
pub(crate) mod group;
mod table;

pub(crate) use builder::FixedBuilder;
pub(crate) use cells::{FixedCells, SHORT_CELL, fixed_cell};
pub(crate) use check::TableCheck;
pub(crate) use table::{Free, SlotTable, Sought};
