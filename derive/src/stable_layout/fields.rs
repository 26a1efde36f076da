//! Records: the fields of structs and of the variants of enums.
//!
//! Generated code names the type wherever it uses a trait, as in `<T as StableLayout>::SIZE`, and
//! each function does so for all types before it calls anything generic. So a type that lacks the
//! trait is reported once, at its field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use super::evolution;
use crate::generate::{span, span_of};
use crate::input::{Field, FieldForm, Input};
use crate::past::Was;

/// Generates the number of bytes in the record's head.
pub(super) fn head(root: &Path, fields: &[Field]) -> TokenStream {
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        const {
            0 #(+ #root::layout::record::head_size(<#types as #root::layout::StableLayout>::SIZE))*
        }
    }
}

/// Generates `&[Field { … }, …]` of a layout.
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

/// Generates `&[FieldHistory { … }, …]` of a history.
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

/// Generates the length of a record whose fields are `values`, which are references.
pub(super) fn record_len(root: &Path, fields: &[Field], values: &[TokenStream]) -> TokenStream {
    let head = head(root, fields);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        (#head) #(+ #root::layout::record::tail_len::<#types>(#values))*
    }
}

/// Generates the code that writes `values`, which are references, to `place`.
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
        #(#root::layout::record::RecordWriter::field::<#types>(&mut writer, #values);)*
    }
}

/// Generates the code that reads a record from `place` and calls `constructor`.
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
        let value = #constructor { #(#members: #root::layout::record::RecordReader::field::<#types>(&mut reader)?),* };
        reader.finish()?;
        ::core::result::Result::Ok(value)
    }
}

/// Generates the code that reads an old record, `bytes`, by the plan `record`, and calls
/// `constructor`.
pub(super) fn read_old(root: &Path, constructor: &TokenStream, fields: &[Field]) -> TokenStream {
    // The value is not used. The expression names all types, so that errors point at the fields.
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

/// Generates the current value of a stored field, which is an `Option<OldField>`.
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

/// Generates the value of a field in a record that is older than the field.
fn absent(root: &Path, Field { ty, since, default, .. }: &Field) -> TokenStream {
    match (since, default) {
        (None, _) => quote_spanned! {span()=>
            return ::core::result::Result::Err(
                #root::layout::Invalid("a record lacks a field that all versions have")
            )
        },
        (Some(_), None) => quote_spanned!(span()=> <#ty as ::core::default::Default>::default()),
        // The type annotation makes errors point at the expression.
        (Some(_), Some(default)) => quote_spanned!(span()=> { let absent: #ty = #default; absent }),
    }
}

/// Generates one step of a field's history: converts `value` from the type of `was[at]` to the next
/// type.
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
