//! The bounds of generated implementations. They are on the types of fields and not on the
//! parameters of the type: a parameter that only marks the type needs no layout, and one whose
//! associated type is stored needs another bound.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Ident, Type, parse_quote};

use crate::input::{Input, Record, Shape};

/// Returns the type's generics with the bounds that an implementation of `interface` needs.
pub(crate) fn bounded(input: &Input, interface: &TokenStream) -> Generics {
    let mut generics = input.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if parameters.is_empty() && input.bound.is_none() {
        return generics;
    }
    let clause = generics.make_where_clause();
    // The traits require `'static` of the type as a whole.
    for parameter in &parameters {
        clause.predicates.push(parse_quote!(#parameter: 'static));
    }
    if let Some(bound) = &input.bound {
        clause.predicates.extend(bound.iter().cloned());
        return generics;
    }
    let mut seen: Vec<String> = Vec::new();
    for ty in types(input).filter(|ty| mentions(&ty.to_token_stream(), &parameters)) {
        let text = ty.to_token_stream().to_string();
        if !seen.contains(&text) {
            clause.predicates.push(parse_quote!(#ty: #interface));
            seen.push(text);
        }
    }
    if let Some(previous) = &input.previous
        && mentions(&quote!(#previous), &parameters)
    {
        clause.predicates.push(parse_quote!(Self: ::core::convert::From<#previous>));
    }
    generics
}

/// Returns the types that generated code encodes or decodes.
fn types(input: &Input) -> impl Iterator<Item = &Type> {
    let (records, removed) = match &input.shape {
        Shape::Struct(record) => (vec![record], &[][..]),
        Shape::Enum { variants, removed } => {
            (variants.iter().map(|variant| &variant.record).collect(), &removed[..])
        }
    };
    let gone = removed.iter().flat_map(|variant| variant.fields.iter().map(|(_, ty)| ty));
    records.into_iter().flat_map(of_record).chain(gone).chain(&input.previous)
}

fn of_record(record: &Record) -> impl Iterator<Item = &Type> {
    record.fields.iter().map(|field| &field.ty).chain(record.forms.iter().map(|form| &form.ty))
}

/// Returns `true` if one of the parameters is among the tokens. A name after `::` does not count,
/// nor does that of a lifetime, which is reported elsewhere.
fn mentions(tokens: &TokenStream, parameters: &[Ident]) -> bool {
    let mut after_colons = 0;
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            after_colons = 0;
            mentions(&group.stream(), parameters)
        }
        TokenTree::Ident(ident) => core::mem::take(&mut after_colons) < 2 && parameters.contains(&ident),
        TokenTree::Punct(punct) => {
            after_colons = if punct.as_char() == ':' { after_colons + 1 } else { 0 };
            false
        }
        TokenTree::Literal(_) => false,
    })
}
