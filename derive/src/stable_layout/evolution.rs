//! What comes of `previous = …`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{GenericParam, Type};

use crate::generate::{span, span_of};
use crate::input::Input;

/// The parts of `StructSpec` and `EnumSpec` that are the same in both.
pub(super) fn history(input: &Input) -> TokenStream {
    let root = &input.root;
    let (first, previous) = match &input.previous {
        Some(previous) => (
            if generic(input) { first(input, previous) } else { quote_spanned!(span()=> FIRST) },
            quote_spanned! {span()=>
                ::core::option::Option::Some(<#previous as #root::layout::StableLayout>::plan)
            },
        ),
        None => (quote_spanned!(span()=> 1), quote_spanned!(span()=> ::core::option::Option::None)),
    };
    quote_spanned! {span()=>
        layout: <Self as #root::layout::StableLayout>::LAYOUT,
        first: #first,
        previous: #previous,
    }
}

/// A constant of the first version, for `history`. The compiler evaluates it where it stands, so a wrong
/// `previous` does not wait for the type to be used; that of a generic type depends on its arguments.
pub(super) fn constant(input: &Input) -> Option<TokenStream> {
    let previous = input.previous.as_ref().filter(|_| !generic(input))?;
    let first = first(input, previous);
    Some(quote_spanned!(span()=> const FIRST: u32 = #first;))
}

fn generic(input: &Input) -> bool {
    input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// The version after that of the previous type; does not compile if that is not before the newest one.
fn first(input: &Input, previous: &Type) -> TokenStream {
    let Input { root, ident, version, .. } = input;
    let written = previous.to_token_stream().to_string();
    let late = format!(
        "`previous = {written}` has to be of a lower version than `{ident}`, which has version {version}"
    );
    let plain = format!("`previous = {written}` has to name a type that derives `StableLayout`");
    // Errors in the evaluation point at the previous type.
    quote_spanned! {span_of(previous)=>
        match <#previous as #root::layout::StableLayout>::LAYOUT.version() {
            ::core::option::Option::Some(version) if version < #version => version + 1,
            ::core::option::Option::Some(_) => ::core::panic!("{}", #late),
            ::core::option::Option::None => ::core::panic!("{}", #plain),
        }
    }
}

/// The arm of `decode_old` for what the previous type reads.
pub(super) fn decode_previous(input: &Input) -> TokenStream {
    let root = &input.root;
    let Some(previous) = &input.previous else { return TokenStream::new() };
    let convert = quote_spanned! {span_of(previous)=>
        <Self as ::core::convert::From<#previous>>::from
    };
    quote_spanned! {span()=>
        #root::evolution::How::Previous(inner) => {
            ::core::result::Result::Ok(#convert(
                <#previous as #root::layout::StableLayout>::decode_old(inner, bytes)?
            ))
        }
    }
}
