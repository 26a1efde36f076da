//! Hash maps and sets.

mod cursors;
mod directory;
mod flooding;
mod maps;
mod rules;
mod sets;
