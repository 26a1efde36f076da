//! The parts of a history that structs and enums have in common, and the code for `previous = …`.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{GenericParam, Type};

use crate::generate::{self, span, span_of};
use crate::input::Input;
use crate::timeline::VersionRange;

/// Generates the fields that `StructHistory` and `EnumHistory` share.
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

/// Generates `since: …, until: …` of a form.
pub(super) fn versions(input: &Input, versions: VersionRange) -> TokenStream {
    let (root, since) = (&input.root, versions.since);
    let until = match versions.until {
        Some(until) => quote_spanned!(span()=> #until),
        None => quote_spanned!(span()=> #root::evolution::STILL),
    };
    quote_spanned!(span()=> since: #since, until: #until)
}

/// Generates a constant of the first version, for `common`. The compiler evaluates it even if the
/// type is never used, so that it reports a wrong `previous`. In a generic type, it depends on the
/// arguments. The types of fields may contain the program's own constants, so the constant's name
/// must not clash with theirs.
pub(super) fn constant(input: &Input) -> Option<TokenStream> {
    let previous = input.previous.as_ref().filter(|_| !generic(input))?;
    let first = first(input, previous);
    Some(quote_spanned!(span()=> const GRAVEN_FIRST: ::core::primitive::u32 = #first;))
}

fn generic(input: &Input) -> bool {
    input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// Generates the version after that of the previous type. Its evaluation fails if that version is
/// not older than the current one, or if a version after it has no change.
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
        // Evaluation errors point at the attribute.
        quote_spanned! {span_of(literal)=>
            if #version < first {
                ::core::panic!("{}", #early);
            }
        }
    });
    let mentioned = mentioned.iter().map(|(version, _)| version);
    // Evaluation errors point at the previous type.
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

/// Generates the arm of `decode_old` for values that the previous type reads.
pub(super) fn decode_previous(input: &Input) -> TokenStream {
    let root = &input.root;
    let Some(previous) = &input.previous else { return TokenStream::new() };
    let convert = quote_spanned! {span_of(previous)=>
        <Self as ::core::convert::From<#previous>>::from
    };
    quote_spanned! {span()=>
        #root::evolution::Conversion::Previous(inner) => {
            ::core::result::Result::Ok(#convert(
                <#previous as #root::layout::StableLayout>::decode_old(inner, bytes)?
            ))
        }
    }
}
