//! What structs and the variants of enums have in common: fields that make a record.
//!
//! Types are always named where a trait is used, as in `<T as StableLayout>::SIZE`. So one that lacks the
//! trait is reported once and at the field, where its type is written, and each function names all types
//! this way before it calls something generic.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;

use crate::generate::span;
use crate::input::Field;

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

/// `&[FieldSpec { … }, …]` of a history.
pub(super) fn specs(root: &Path, fields: &[Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.name);
    let types = fields.iter().map(|field| &field.ty);
    let since = fields.iter().map(|field| field.since.unwrap_or(1));
    quote_spanned! {span()=>
        &[#(#root::evolution::FieldSpec {
            name: #names,
            since: #since,
            plan: <#types as #root::layout::StableLayout>::plan,
            layout: <#types as #root::layout::StableLayout>::LAYOUT,
        }),*]
    }
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
    let fields = fields.iter().enumerate().map(|(index, field)| old_field(index, field));
    quote_spanned! {span()=>
        let _ = #head;
        ::core::result::Result::Ok(#constructor { #(#fields),* })
    }
}

fn old_field(index: usize, field: &Field) -> TokenStream {
    let Field { member, ty, since, default, .. } = field;
    let value = match (since, default) {
        (None, _) => quote_spanned!(span()=> record.required::<#ty>(#index, bytes)?),
        (Some(_), None) => quote_spanned! {span()=>
            record.field::<#ty>(#index, bytes)?.unwrap_or_else(|| <#ty as ::core::default::Default>::default())
        },
        (Some(_), Some(default)) => quote_spanned! {span()=>
            record.field::<#ty>(#index, bytes)?.unwrap_or_else(|| #default)
        },
    };
    quote!(#member: #value)
}
