//! `#[derive(StableLayout)]`: puts the parts of the implementation together.

mod enums;
mod evolution;
mod fields;
mod structs;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;

use crate::errors::Errors;
use crate::generate::{self, span};
use crate::input::{self, Input, Purpose, Shape};

/// What the two shapes of types generate, each in its own way.
struct Body {
    /// The value of `LAYOUT`.
    layout: TokenStream,
    encoded_len: TokenStream,
    encode: TokenStream,
    decode: TokenStream,
    plan: TokenStream,
    /// The arm of `decode_old` for the type's own older versions.
    old: TokenStream,
}

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let checked = input::read(input, Purpose::Layout, &mut errors);
    if errors.is_empty() {
        return implement(&checked);
    }
    let stub = stub(&checked);
    let errors = errors.into_tokens();
    quote!(#errors #stub)
}

fn implement(input: &Input) -> TokenStream {
    let root = &input.root;
    let Body { layout, encoded_len, encode, decode, plan, old } = match &input.shape {
        Shape::Struct(fields) => structs::body(input, fields),
        Shape::Enum(variants) => enums::body(input, variants),
    };
    let previous = evolution::decode_previous(input);
    let first = evolution::constant(input);
    let head = head(input);
    quote_spanned! {span()=>
        #head {
            const LAYOUT: &'static #root::layout::Layout = #layout;

            #[inline]
            fn encoded_len(&self) -> usize {
                #encoded_len
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                #encode
            }

            #[inline]
            fn decode(bytes: &[u8]) -> ::core::result::Result<Self, #root::layout::Invalid> {
                #decode
            }

            fn plan(
                stored: &#root::layout::stored::Stored,
                check: &mut #root::evolution::Check,
            ) -> #root::evolution::Plan {
                #first
                #plan
            }

            fn decode_old(
                plan: &#root::evolution::Plan,
                bytes: &[u8],
            ) -> ::core::result::Result<Self, #root::layout::Invalid> {
                match &plan.how {
                    #old
                    #previous
                    _ => <Self as #root::layout::StableLayout>::decode(bytes),
                }
            }
        }
    }
}

fn head(input: &Input) -> TokenStream {
    let root = &input.root;
    generate::head(input, &quote_spanned!(span()=> #root::layout::StableLayout))
}

fn stub(input: &Input) -> TokenStream {
    let root = &input.root;
    let items = quote_spanned! {span()=>
        const LAYOUT: &'static #root::layout::Layout = &#root::layout::Layout::Tuple(&[]);

        fn encoded_len(&self) -> usize {
            ::core::unimplemented!()
        }

        fn encode(&self, _: &mut [u8]) {
            ::core::unimplemented!()
        }

        fn decode(_: &[u8]) -> ::core::result::Result<Self, #root::layout::Invalid> {
            ::core::unimplemented!()
        }
    };
    generate::stub(input, &head(input), &items)
}
