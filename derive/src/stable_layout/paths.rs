//! The paths to the fields of a struct: one constant for each field, with the visibility of the
//! field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Member, spanned::Spanned};

use super::fields;
use crate::errors::Errors;
use crate::generate::{self, span};
use crate::input::{Field, Input, Shape};
use crate::reader::quiet;

/// Generates `impl … { pub const BALANCE: Field<Self, u64> = …; … }`.
pub(super) fn constants(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    let all = &record.fields;
    constants_of(input, all, |index, field| value(input, all, index, field))
}

/// Reports fields whose paths would have one name.
pub(super) fn check(input: &Input, errors: &mut Errors) {
    let Shape::Struct(record) = &input.shape else { return };
    for (index, field) in record.fields.iter().enumerate() {
        let taken = name(field);
        if let Some(other) = record.fields[..index].iter().find(|other| name(other) == taken) {
            let place = field.path.as_ref().map_or(field.source, Ident::span);
            let message = format!(
                "the paths of `{}` and `{}` would both be called `{taken}`: give one of them another name, as in \
                 `#[layout(field = {taken}_2)]`",
                other.name, field.name
            );
            errors.push(syn::Error::new(place, message));
        }
    }
}

/// Generates constants without values for a type with errors, so that uses of the paths are not
/// further errors.
pub(super) fn stubs(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    constants_of(input, &record.fields, |_, _| quote_spanned!(span()=> ::core::unimplemented!()))
}

/// Generates a use of every path, so that no lint calls one unused: a program need not use them,
/// and an `allow` would be an error in a crate that forbids the lint.
pub(super) fn uses(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    let names = record.fields.iter().map(name);
    quote_spanned!(span()=> let _ = || { #(let _ = Self::#names;)* };)
}

fn constants_of(input: &Input, all: &[Field], value: impl Fn(usize, &Field) -> TokenStream) -> TokenStream {
    if all.is_empty() {
        return TokenStream::new();
    }
    let root = &input.root;
    let head = generate::inherent(input);
    let first = |index: &usize| all[..*index].iter().all(|other| name(other) != name(&all[*index]));
    let constants = (0..all.len()).filter(first).map(|index| {
        let field = &all[index];
        let Field { vis, ty, .. } = field;
        let (name, value) = (name(field), value(index, field));
        let doc = format!("The path to the field `{}`.", field.name);
        quote_spanned! {span()=>
            #[doc = #doc]
            #vis const #name: #root::layout::field::Field<Self, #ty> = #value;
        }
    });
    quote_spanned! {span()=>
        #head {
            #(#constants)*
        }
    }
}

/// Returns the name of a path. Its span is that of generated code, so that lints on the field are
/// not repeated for its path. An `allow` attribute would be an error in a crate that forbids the
/// lint.
fn name(field: &Field) -> Ident {
    if let Some(path) = &field.path {
        return quiet(path);
    }
    match &field.member {
        Member::Named(ident) => {
            let name = ident.unraw().to_string().to_uppercase();
            // A name without letters, such as `_0`, stays the same.
            format_ident!("{name}", span = span().located_at(ident.span()))
        }
        Member::Unnamed(index) => {
            format_ident!("F{}", index.index, span = span().located_at(field.ty.span()))
        }
    }
}

fn value(input: &Input, all: &[Field], index: usize, field: &Field) -> TokenStream {
    let root = &input.root;
    let Field { member, name, ty, since, was, .. } = field;
    let types = all.iter().map(|field| &field.ty);
    let made = if since.is_none() && was.is_empty() {
        quote_spanned!(span()=> #root::layout::field::always_there)
    } else {
        // `bytes` is also the name in `decode_old`. The compiler reports an error in the user's
        // expression for both, and merges the reports if they are the same.
        let value = fields::converted(root, field, &quote_spanned!(span()=> bytes));
        quote_spanned! {span()=>
            |bytes: ::core::option::Option<#root::evolution::OldField<'_, '_>>|
                -> ::core::result::Result<#root::Vec<::core::primitive::u8>, #root::layout::Invalid>
            {
                let value: #ty = #value;
                ::core::result::Result::Ok(#root::layout::encode::<#ty>(&value))
            }
        }
    };
    quote_spanned! {span()=>
        #root::layout::field::Field::<Self, #ty>::new(const {
            &#root::layout::field::Step::new(
                #name,
                #index,
                &[#(<#types as #root::layout::StableLayout>::SIZE),*],
                #made,
                |plan, bytes| {
                    let record = <Self as #root::layout::StableLayout>::decode_old(plan, bytes)?;
                    ::core::result::Result::Ok(#root::layout::encode::<#ty>(&record.#member))
                },
            )
        })
    }
}
