//! `#[derive(StableLayout)]`: assembles the implementation from its parts.

mod enums;
mod evolution;
mod fields;
mod paths;
mod structs;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;

use crate::errors::Errors;
use crate::generate::{self, span};
use crate::input::{Input, Purpose, Shape};
use crate::lock;
use crate::reader;

/// The parts of an implementation that differ between structs and enums.
struct Body {
    /// The value of `LAYOUT`.
    layout: TokenStream,
    encoded_len: TokenStream,
    encode: TokenStream,
    decode: TokenStream,
    /// The value of `HISTORY`.
    history: TokenStream,
    /// The arm of `decode_old` for the type's own previous versions.
    old: TokenStream,
}

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let checked = reader::read(input, Purpose::Layout, &mut errors);
    paths::check(&checked, &mut errors);
    let locked = if errors.is_empty() { lock::check(&checked, &mut errors) } else { TokenStream::new() };
    if errors.is_empty() {
        let implementation = implement(&checked);
        return quote!(#implementation #locked);
    }
    let stub = stub(&checked);
    let errors = errors.into_tokens();
    quote!(#errors #stub #locked)
}

fn implement(input: &Input) -> TokenStream {
    let root = &input.root;
    let Body { layout, encoded_len, encode, decode, history, old } = match &input.shape {
        Shape::Struct(record) => structs::body(input, record),
        Shape::Enum { variants, removed } => enums::body(input, variants, removed),
    };
    let previous = evolution::decode_previous(input);
    let first = evolution::constant(input);
    let paths = paths::constants(input);
    let uses = paths::uses(input);
    let checked = checked_now(input);
    let head = head(input);
    quote_spanned! {span()=>
        #head {
            const LAYOUT: &'static #root::layout::Layout = #layout;

            const HISTORY: &'static #root::evolution::History = {
                #first
                #history
            };

            #[inline]
            fn encoded_len(&self) -> ::core::primitive::usize {
                #encoded_len
            }

            #[inline]
            fn encode(&self, out: &mut [::core::primitive::u8]) {
                #encode
            }

            #[inline]
            fn decode(bytes: &[::core::primitive::u8]) -> ::core::result::Result<Self, #root::layout::Invalid> {
                #decode
            }

            fn decode_old(
                plan: &#root::evolution::Plan,
                bytes: &[::core::primitive::u8],
            ) -> ::core::result::Result<Self, #root::layout::Invalid> {
                #uses
                match &plan.conversion {
                    #old
                    #previous
                    _ => <Self as #root::layout::StableLayout>::decode(bytes),
                }
            }
        }

        #paths

        #checked
    }
}

/// Generates a constant that makes the compiler evaluate the layout in `cargo check`, not only in a
/// build. Assertions refuse some layouts, such as lists of elements without bytes. Generic types
/// have no layout before they are used.
fn checked_now(input: &Input) -> TokenStream {
    let Input { root, ident, generics, .. } = input;
    if !generics.params.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(ident.span()=> const _: ::core::option::Option<::core::primitive::usize> = <#ident as #root::layout::StableLayout>::SIZE;)
}

fn head(input: &Input) -> TokenStream {
    let root = &input.root;
    generate::head(input, &quote_spanned!(span()=> #root::layout::StableLayout))
}

fn stub(input: &Input) -> TokenStream {
    let Input { root, name, .. } = input;
    // A type that contains this one is compared with the lock by its name.
    let items = quote_spanned! {span()=>
        const LAYOUT: &'static #root::layout::Layout =
            &#root::layout::Layout::Struct { name: #name, version: 0, fields: &[] };

        // Not the size of a type without fields, so that a list of it is not another error.
        const SIZE: ::core::option::Option<::core::primitive::usize> = ::core::option::Option::None;

        fn encoded_len(&self) -> ::core::primitive::usize {
            ::core::unimplemented!()
        }

        fn encode(&self, _: &mut [::core::primitive::u8]) {
            ::core::unimplemented!()
        }

        fn decode(_: &[::core::primitive::u8]) -> ::core::result::Result<Self, #root::layout::Invalid> {
            ::core::unimplemented!()
        }
    };
    let stub = generate::stub(input, &head(input), &items);
    let paths = paths::stubs(input);
    quote!(#stub #paths)
}
