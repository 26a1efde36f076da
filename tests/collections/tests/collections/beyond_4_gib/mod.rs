//! Pages, values and counts beyond what 32 bits hold.

mod counts;
mod pages;
