//! The paths to the fields of a struct: one constant for each, as visible as the field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Member, spanned::Spanned};

use super::fields;
use crate::generate::{self, span};
use crate::input::{Field, Input, Shape};

/// `impl … { pub const BALANCE: Field<Self, u64> = …; … }`.
pub(super) fn constants(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    let all = &record.fields;
    constants_of(input, all, |index, field| value(input, all, index, field))
}

/// The same for a type with errors: what uses the paths has no errors because of them.
pub(super) fn stubs(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    constants_of(input, &record.fields, |_, _| quote_spanned!(span()=> ::core::unimplemented!()))
}

fn constants_of(input: &Input, all: &[Field], value: impl Fn(usize, &Field) -> TokenStream) -> TokenStream {
    if all.is_empty() {
        return TokenStream::new();
    }
    let root = &input.root;
    let head = generate::inherent(input);
    let constants = all.iter().enumerate().map(|(index, field)| {
        let Field { vis, ty, .. } = field;
        let (name, value) = (name(field), value(index, field));
        let doc = format!("The path to the field `{}`.", field.name);
        quote_spanned! {span()=>
            #[doc = #doc]
            #vis const #name: #root::layout::field::Field<Self, #ty> = #value;
        }
    });
    // Whatever is said about the fields themselves need not be said again about their paths.
    quote_spanned! {span()=>
        #[allow(dead_code, non_upper_case_globals, unreachable_pub, private_interfaces, private_bounds, deprecated)]
        #head {
            #(#constants)*
        }
    }
}

/// The field's name as that of a constant.
fn name(field: &Field) -> Ident {
    if let Some(path) = &field.path {
        return path.clone();
    }
    match &field.member {
        Member::Named(ident) => {
            let name = ident.unraw().to_string().to_uppercase();
            // Names of underscores and digits alone, as `_0`, stay what they are.
            format_ident!("{name}", span = ident.span())
        }
        Member::Unnamed(index) => format_ident!("F{}", index.index, span = field.ty.span()),
    }
}

fn value(input: &Input, all: &[Field], index: usize, field: &Field) -> TokenStream {
    let root = &input.root;
    let Field { member, name, ty, since, was, .. } = field;
    let types = all.iter().map(|field| &field.ty);
    let made = if since.is_none() && was.is_empty() {
        quote_spanned!(span()=> #root::layout::field::always_there)
    } else {
        // Under the name that it has in `decode_old`: what is wrong with the expressions is said there as well, and only
        // once if in the same words.
        let value = fields::converted(root, field, &quote_spanned!(span()=> bytes));
        quote_spanned! {span()=>
            |bytes: ::core::option::Option<#root::evolution::OldField<'_, '_>>|
                -> ::core::result::Result<::std::vec::Vec<u8>, #root::layout::Invalid>
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
