//! What structs and the variants of enums have in common: fields that make a record.
//!
//! Types are always named where a trait is used, as in `<T as StableLayout>::SIZE`. So one that lacks the
//! trait is reported once and at the field, where its type is written, and each function names all types
//! this way before it calls something generic.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use super::evolution;
use crate::forms::FieldForm;
use crate::generate::{span, span_of};
use crate::input::{Field, Input};
use crate::past::Was;

/// Bytes of the record's head.
pub(super) fn head(root: &Path, fields: &[Field]) -> TokenStream {
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        const {
            0 #(+ #root::layout::record::head_size(<#types as #root::layout::StableLayout>::SIZE))*
        }
    }
}

/// `&[Field { … }, …]` of a layout.
pub(super) fn layouts(root: &Path, fields: &[Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.name);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        &[#(#root::layout::Field {
            name: #names,
            layout: <#types as #root::layout::StableLayout>::LAYOUT,
        }),*]
    }
}

/// `&[FieldHistory { … }, …]` of a history.
pub(super) fn histories(input: &Input, forms: &[FieldForm]) -> TokenStream {
    let root = &input.root;
    let forms = forms.iter().map(|FieldForm { name, span: life, ty, target, step }| {
        let versions = evolution::versions(input, *life);
        let target = match target {
            Some(target) => {
                let target = *target as u16;
                quote_spanned!(span()=> #target)
            }
            None => quote_spanned!(span()=> #root::evolution::GONE),
        };
        let step = *step as u16;
        quote_spanned! {span()=>
            #root::evolution::FieldHistory {
                name: #name,
                #versions,
                target: #target,
                step: #step,
                history: <#ty as #root::layout::StableLayout>::HISTORY,
            }
        }
    });
    quote_spanned!(span()=> &[#(#forms),*])
}

/// Bytes of a record whose fields are `values`, which are references.
pub(super) fn record_len(root: &Path, fields: &[Field], values: &[TokenStream]) -> TokenStream {
    let head = head(root, fields);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        (#head) #(+ #root::layout::record::tail_len::<#types>(#values))*
    }
}

/// Writes `values`, which are references, to `place`.
pub(super) fn write(
    root: &Path,
    fields: &[Field],
    values: &[TokenStream],
    place: &TokenStream,
) -> TokenStream {
    let head = head(root, fields);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        let mut writer = #root::layout::record::RecordWriter::new(#place, #head);
        #(writer.field::<#types>(#values);)*
    }
}

/// Reads a record from `place` and makes `constructor` of it.
pub(super) fn read(
    root: &Path,
    constructor: &TokenStream,
    fields: &[Field],
    place: &TokenStream,
) -> TokenStream {
    let head = head(root, fields);
    let members = fields.iter().map(|field| &field.member);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        let mut reader = #root::layout::record::RecordReader::new(#place, #head)?;
        let value = #constructor { #(#members: reader.field::<#types>()?),* };
        reader.finish()?;
        ::core::result::Result::Ok(value)
    }
}

/// Makes `constructor` of an old record, `bytes`, whose plan is `record`.
pub(super) fn read_old(root: &Path, constructor: &TokenStream, fields: &[Field]) -> TokenStream {
    // The head is that of the newest version, which is of no use here but names the types.
    let head = head(root, fields);
    let fields = fields.iter().enumerate().map(|(index, field)| old_field(root, index, field));
    quote_spanned! {span()=>
        let _ = #head;
        ::core::result::Result::Ok(#constructor { #(#fields),* })
    }
}

fn old_field(root: &Path, index: usize, field: &Field) -> TokenStream {
    let Field { member, ty, since, was, .. } = field;
    let value = match (since, was.is_empty()) {
        (None, true) => quote_spanned!(span()=> record.required::<#ty>(#index, bytes)?),
        (Some(_), true) => {
            let absent = absent(root, field);
            quote_spanned! {span()=>
                match record.field::<#ty>(#index, bytes)? {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => #absent,
                }
            }
        }
        (_, false) => converted(root, field, &quote_spanned!(span()=> record.stored(#index, bytes)?)),
    };
    quote!(#member: #value)
}

/// What becomes of a field as it was stored, which is an `Option<OldField>`.
pub(super) fn converted(root: &Path, field: &Field, stored: &TokenStream) -> TokenStream {
    let Field { ty, was, .. } = field;
    let absent = absent(root, field);
    let steps = (1..=was.len()).map(|step| {
        let oldest = &was[step - 1].ty;
        let decode = quote_spanned! {span()=>
            <#oldest as #root::layout::StableLayout>::decode_old(plan, bytes)?
        };
        let converted = (0..step).rev().fold(decode, |value, at| convert(field, at, &value));
        let step = step as u16;
        quote_spanned!(span()=> ::core::option::Option::Some(#root::evolution::OldField { step: #step, plan, bytes }) => #converted,)
    });
    quote_spanned! {span()=>
        match #stored {
            #(#steps)*
            ::core::option::Option::Some(#root::evolution::OldField { plan, bytes, .. }) => {
                <#ty as #root::layout::StableLayout>::decode_old(plan, bytes)?
            }
            ::core::option::Option::None => #absent,
        }
    }
}

/// The value of a field in a record from before it.
fn absent(root: &Path, Field { ty, since, default, .. }: &Field) -> TokenStream {
    match (since, default) {
        (None, _) => quote_spanned! {span()=>
            return ::core::result::Result::Err(
                #root::layout::Invalid("a record lacks a field that all versions have")
            )
        },
        (Some(_), None) => quote_spanned!(span()=> <#ty as ::core::default::Default>::default()),
        // With its type, so that an error points at the expression and not at what is made of it here.
        (Some(_), Some(default)) => quote_spanned!(span()=> { let absent: #ty = #default; absent }),
    }
}

/// One step of a field's history: `value` has the type that `was[at]` names, and becomes the next one.
fn convert(field: &Field, at: usize, value: &TokenStream) -> TokenStream {
    let Was { ty: old, with, .. } = &field.was[at];
    let new = at.checked_sub(1).map_or(&field.ty, |newer| &field.was[newer].ty);
    let with = match with {
        Some(with) => with.to_token_stream(),
        None => quote_spanned!(span_of(old)=> <#old as ::core::convert::Into<#new>>::into),
    };
    quote_spanned! {span()=> {
        let with: fn(#old) -> #new = #with;
        with(#value)
    }}
}
