//! `#[derive(Table)]`: the key of a row, and its indexes.
//!
//! `input` reads the attributes, `names` finds what they name, and `generate` writes the
//! implementation.

mod generate;
mod input;
mod names;

use proc_macro2::TokenStream;
use syn::DeriveInput;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    match input::read(input) {
        Ok(table) => generate::implement(&table),
        Err(error) => error.into_compile_error(),
    }
}
