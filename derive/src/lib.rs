//! Derives of `graven`: [`StableLayout`](macro@StableLayout) for what is stored,
//! [`StableKey`](macro@StableKey) for what it is stored under.
//!
//! Programs use them through the facade `graven`; what the generated code has to keep to is written at the
//! traits of the same names.

mod attributes;
mod errors;
mod generate;
mod input;
mod supported;

mod stable_key;
mod stable_layout;
mod store;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Gives a struct or enum a versioned byte layout.
///
/// On the type, `#[layout(…)]` takes
/// - `version = N`, required, from 1 on: counts the layouts that this type has had;
/// - `previous = OldType`: versions up to that of `OldType` are read by it and then converted by
///   `From<OldType>`;
/// - `crate = path`: where `graven` is, if not at `::graven`.
///
/// On a field it takes
/// - `since = N`: the version that added the field; older values get `Default::default()`;
/// - `default = expression`, beside `since`: what older values get instead.
///
/// On a variant it takes
/// - `since = N`: the version that added the variant;
/// - `tag = N`: the byte that stands for the variant. Without it, one more than the variant before.
#[proc_macro_derive(StableLayout, attributes(layout))]
pub fn stable_layout(input: TokenStream) -> TokenStream {
    stable_layout::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Gives a struct or enum an order-preserving encoding: that of its fields one after another, so keys
/// compare as with std's derived `Ord`.
///
/// On a variant, `#[layout(tag = N)]` sets the byte that stands for it; tags have to rise. What
/// `#[layout(…)]` says for [`StableLayout`](macro@StableLayout) besides is ignored.
#[proc_macro_derive(StableKey, attributes(layout))]
pub fn stable_key(input: TokenStream) -> TokenStream {
    stable_key::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Opens a struct of collections as one store: each field is a root under the field's name.
///
/// On a field, `#[store(name = "…")]` gives the root another name than the field.
///
/// The struct gets `open`, `stats`, `usage` and `sweep`, and implements `graven::Schema`.
#[proc_macro_attribute]
pub fn store(arguments: TokenStream, input: TokenStream) -> TokenStream {
    store::expand(arguments.into(), parse_macro_input!(input as DeriveInput)).into()
}
