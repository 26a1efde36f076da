//! The parts of a history that structs and enums have in common, and what comes of `previous = …`.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{GenericParam, Type};

use crate::generate::{self, span, span_of};
use crate::input::Input;
use crate::timeline::VersionRange;

/// The fields that `StructHistory` and `EnumHistory` share.
pub(super) fn common(input: &Input) -> TokenStream {
    let Input { root, oldest, .. } = input;
    let (first, previous) = match &input.previous {
        Some(previous) => (
            if generic(input) { first(input, previous) } else { quote_spanned!(span()=> GRAVEN_FIRST) },
            quote_spanned! {span()=>
                ::core::option::Option::Some(<#previous as #root::layout::StableLayout>::HISTORY)
            },
        ),
        None => (quote_spanned!(span()=> #oldest), quote_spanned!(span()=> ::core::option::Option::None)),
    };
    quote_spanned! {span()=>
        layout: <Self as #root::layout::StableLayout>::LAYOUT,
        first: #first,
        previous: #previous,
    }
}

/// `since: …, until: …` of a form.
pub(super) fn versions(input: &Input, versions: VersionRange) -> TokenStream {
    let (root, since) = (&input.root, versions.since);
    let until = match versions.until {
        Some(until) => quote_spanned!(span()=> #until),
        None => quote_spanned!(span()=> #root::evolution::STILL),
    };
    quote_spanned!(span()=> since: #since, until: #until)
}

/// A constant of the first version, for `common`. The compiler evaluates it where it stands, so a wrong
/// `previous` does not wait for the type to be used; that of a generic type depends on its arguments. Fields may have
/// types of the program's own constants, so it is called as none of those.
pub(super) fn constant(input: &Input) -> Option<TokenStream> {
    let previous = input.previous.as_ref().filter(|_| !generic(input))?;
    let first = first(input, previous);
    Some(quote_spanned!(span()=> const GRAVEN_FIRST: ::core::primitive::u32 = #first;))
}

fn generic(input: &Input) -> bool {
    input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// The version after that of the previous type; does not compile if that is not before the newest one, or
/// if nothing says what a version after it changed.
fn first(input: &Input, previous: &Type) -> TokenStream {
    let Input { root, ident, version, mentioned, .. } = input;
    let written = generate::written(previous);
    let late = format!(
        "`previous = {written}` has to be of a lower version than `{ident}`, which has version {version}"
    );
    let gap = format!(
        "nothing says what some version between `previous = {written}` and version {version} changed: mark \
         the change with `since`, `was`, `renamed`, `removed` or `moved`, or leave the version out"
    );
    let early = format!("`previous = {written}` reads what was before this version: leave this out");
    let early = mentioned.iter().map(|(version, literal)| {
        // Errors in the evaluation point at the attribute.
        quote_spanned! {span_of(literal)=>
            if #version < first {
                ::core::panic!("{}", #early);
            }
        }
    });
    let mentioned = mentioned.iter().map(|(version, _)| version);
    // Errors in the evaluation point at the previous type.
    quote_spanned! {span_of(previous)=> {
        let layout = <#previous as #root::layout::StableLayout>::LAYOUT;
        let first = #root::evolution::History::version_after(layout);
        if first > #version {
            ::core::panic!("{}", #late);
        }
        #(#early)*
        let mentioned: &[::core::primitive::u32] = &[#(#mentioned),*];
        let mut next = first.saturating_add(1);
        let mut i = 0;
        while i < mentioned.len() {
            if mentioned[i] == next {
                next = next.saturating_add(1);
            }
            i += 1;
        }
        if !mentioned.is_empty() && next <= #version {
            ::core::panic!("{}", #gap);
        }
        first
    }}
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
