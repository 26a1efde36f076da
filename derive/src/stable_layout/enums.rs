//! Enums: a tag, then the variant's record, padded with zeros if all variants have a constant size.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Path, Type};

use super::{Body, evolution, fields};
use crate::generate::span;
use crate::input::{Field, FieldForm, Input, RemovedVariant, Variant};
use crate::timeline::VersionRange;

pub(super) fn body(input: &Input, variants: &[Variant], removed: &[RemovedVariant]) -> Body {
    let root = &input.root;
    Body {
        layout: layout(input, variants),
        encoded_len: encoded_len(root, variants),
        encode: encode(root, variants),
        decode: decode(root, variants),
        history: history(input, variants, removed),
        old: old(root, variants, removed),
    }
}

/// Generates the pattern `Self::Variant { 0: field0, 1: field1 }`.
fn pattern(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    let members = variant.record.fields.iter().map(|field| &field.member);
    let locals = variant.record.fields.iter().map(|field| &field.local);
    quote_spanned!(span()=> Self::#ident { #(#members: #locals),* })
}

fn constructor(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    quote_spanned!(span()=> Self::#ident)
}

fn locals(fields: &[Field]) -> Vec<TokenStream> {
    fields.iter().map(|Field { local, .. }| quote_spanned!(span()=> #local)).collect()
}

fn layout(input: &Input, variants: &[Variant]) -> TokenStream {
    let Input { root, name, version, .. } = input;
    // The order of the declaration is not part of the layout.
    let mut variants: Vec<&Variant> = variants.iter().collect();
    variants.sort_by_key(|variant| variant.tag);
    let variants = variants.into_iter().map(|Variant { name, tag, record, .. }| {
        let fields = fields::layouts(root, &record.fields);
        quote_spanned!(span()=> #root::layout::Variant { name: #name, tag: #tag, fields: #fields })
    });
    quote_spanned! {span()=>
        &#root::layout::Layout::Enum { name: #name, version: #version, variants: &[#(#variants),*] }
    }
}

fn encoded_len(root: &Path, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|variant| {
        let pattern = pattern(variant);
        let fields = &variant.record.fields;
        let len = fields::record_len(root, fields, &locals(fields));
        quote_spanned!(span()=> #pattern => #len,)
    });
    quote_spanned! {span()=>
        match <Self as #root::layout::StableLayout>::SIZE {
            ::core::option::Option::Some(size) => size,
            ::core::option::Option::None => 1 + match self { #(#arms)* },
        }
    }
}

fn encode(root: &Path, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|variant @ Variant { tag, record, .. }| {
        let fields = &record.fields;
        let (pattern, head) = (pattern(variant), fields::head(root, fields));
        let write = fields::write(root, fields, &locals(fields), &quote_spanned!(span()=> record));
        quote_spanned! {span()=>
            #pattern => {
                tag[0] = #tag;
                let record = match <Self as #root::layout::StableLayout>::SIZE {
                    ::core::option::Option::Some(_) => {
                        let (record, padding) = record.split_at_mut(#head);
                        padding.fill(0);
                        record
                    }
                    ::core::option::Option::None => record,
                };
                #write
            }
        }
    });
    quote_spanned! {span()=>
        let (tag, record) = out.split_at_mut(1);
        match self { #(#arms)* }
    }
}

fn decode(root: &Path, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|variant @ Variant { tag, record, .. }| {
        let fields = &record.fields;
        let head = fields::head(root, fields);
        let place = quote_spanned!(span()=> record(#head)?);
        let read = fields::read(root, &constructor(variant), fields, &place);
        quote_spanned!(span()=> #tag => { #read })
    });
    quote_spanned! {span()=>
        let (tag, rest) = bytes.split_first().ok_or(#root::layout::Invalid("an enum has no tag"))?;
        let record = |head: ::core::primitive::usize| match <Self as #root::layout::StableLayout>::SIZE {
            ::core::option::Option::Some(size) if bytes.len() != size => {
                ::core::result::Result::Err(#root::layout::Invalid("an enum has the wrong length"))
            }
            ::core::option::Option::Some(_) => {
                let (record, padding) = rest.split_at(head);
                if ::core::iter::Iterator::all(&mut padding.iter(), |byte| *byte == 0) {
                    ::core::result::Result::Ok(record)
                } else {
                    ::core::result::Result::Err(#root::layout::Invalid("an enum is filled up with other than zeros"))
                }
            }
            ::core::option::Option::None => ::core::result::Result::Ok(rest),
        };
        match *tag {
            #(#arms)*
            _ => ::core::result::Result::Err(#root::layout::Invalid("an enum has an unknown tag")),
        }
    }
}

fn history(input: &Input, variants: &[Variant], removed: &[RemovedVariant]) -> TokenStream {
    let root = &input.root;
    let common = evolution::common(input);
    let live = variants.iter().enumerate().flat_map(|(index, variant)| {
        let fields = fields::histories(input, &variant.record.forms);
        variant.names.iter().map(move |(name, life)| form(input, name, variant.tag, *life, index, &fields))
    });
    let gone = removed.iter().enumerate().map(|(index, gone)| {
        let fields = fields::histories(input, &gone_pieces(gone));
        form(input, &gone.name, gone.tag, gone.span, variants.len() + index, &fields)
    });
    let forms = live.chain(gone);
    quote_spanned! {span()=>
        &#root::evolution::History::Enum(#root::evolution::EnumHistory { variants: &[#(#forms),*], #common })
    }
}

fn form(
    input: &Input,
    name: &str,
    tag: u8,
    life: VersionRange,
    target: usize,
    fields: &TokenStream,
) -> TokenStream {
    let root = &input.root;
    let (versions, target) = (evolution::versions(input, life), target as u16);
    quote_spanned! {span()=>
        #root::evolution::VariantHistory { name: #name, tag: #tag, #versions, target: #target, fields: #fields }
    }
}

/// Returns the forms of a removed variant's fields, which are the arguments of its conversion.
fn gone_pieces(gone: &RemovedVariant) -> Vec<FieldForm> {
    let form = |(index, (name, ty)): (usize, &(String, Type))| FieldForm {
        name: name.clone(),
        span: gone.span,
        ty: ty.clone(),
        target: Some(index),
        step: 0,
    };
    gone.fields.iter().enumerate().map(form).collect()
}

fn old(root: &Path, variants: &[Variant], removed: &[RemovedVariant]) -> TokenStream {
    let live = variants.iter().enumerate().map(|(index, variant)| {
        let read = fields::read_old(root, &constructor(variant), &variant.record.fields);
        quote_spanned!(span()=> #index => { #read })
    });
    let gone = removed.iter().enumerate().map(|(index, RemovedVariant { fields, with, .. })| {
        let index = variants.len() + index;
        let types: Vec<&Type> = fields.iter().map(|(_, ty)| ty).collect();
        let values = types
            .iter()
            .enumerate()
            .map(|(field, ty)| quote_spanned!(span()=> record.required::<#ty>(#field, bytes)?));
        quote_spanned! {span()=>
            #index => {
                let with: fn(#(#types),*) -> Self = #with;
                ::core::result::Result::Ok(with(#(#values),*))
            }
        }
    });
    quote_spanned! {span()=>
        #root::evolution::Conversion::Enum(variants) => {
            let (variant, record, bytes) = #root::evolution::Plan::variant(variants, bytes)?;
            match variant {
                #(#live)*
                #(#gone)*
                _ => ::core::result::Result::Err(#root::layout::Invalid("an enum has an unknown variant")),
            }
        }
    }
}
