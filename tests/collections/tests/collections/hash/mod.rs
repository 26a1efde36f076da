//! Hash maps and sets.

mod cursors;
mod directory;
mod maps;
mod rules;
mod sets;
