//! Enums: a tag, then the variant's record, filled up with zeros where all variants are of constant size.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Path;

use super::{Body, evolution, fields};
use crate::generate::span;
use crate::input::{Field, Input, Variant};

pub(super) fn body(input: &Input, variants: &[Variant]) -> Body {
    let root = &input.root;
    Body {
        layout: layout(input, variants),
        encoded_len: encoded_len(root, variants),
        encode: encode(root, variants),
        decode: decode(root, variants),
        plan: plan(input, variants),
        old: old(root, variants),
    }
}

/// `Self::Variant { 0: field0, 1: field1 }`, as a pattern.
fn pattern(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    let members = variant.fields.iter().map(|field| &field.member);
    let locals = variant.fields.iter().map(|field| &field.local);
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
    let Input { root, version, .. } = input;
    let name = input.name();
    let variants = variants.iter().map(|Variant { name, tag, fields, .. }| {
        let fields = fields::layouts(root, fields);
        quote_spanned!(span()=> #root::layout::Variant { name: #name, tag: #tag, fields: #fields })
    });
    quote_spanned! {span()=>
        &#root::layout::Layout::Enum { name: #name, version: #version, variants: &[#(#variants),*] }
    }
}

fn encoded_len(root: &Path, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|variant| {
        let pattern = pattern(variant);
        let len = fields::record_len(root, &variant.fields, &locals(&variant.fields));
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
    let arms = variants.iter().map(|variant @ Variant { tag, fields, .. }| {
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
    let arms = variants.iter().map(|variant @ Variant { tag, fields, .. }| {
        let head = fields::head(root, fields);
        let place = quote_spanned!(span()=> record(#head)?);
        let read = fields::read(root, &constructor(variant), fields, &place);
        quote_spanned!(span()=> #tag => { #read })
    });
    quote_spanned! {span()=>
        let (tag, rest) = bytes.split_first().ok_or(#root::layout::Invalid("an enum has no tag"))?;
        let record = |head: usize| match <Self as #root::layout::StableLayout>::SIZE {
            ::core::option::Option::Some(size) if bytes.len() != size => {
                ::core::result::Result::Err(#root::layout::Invalid("an enum has the wrong length"))
            }
            ::core::option::Option::Some(_) => {
                let (record, padding) = rest.split_at(head);
                if padding.iter().all(|byte| *byte == 0) {
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

fn plan(input: &Input, variants: &[Variant]) -> TokenStream {
    let root = &input.root;
    let history = evolution::history(input);
    let variants = variants.iter().map(|Variant { name, tag, since, fields, .. }| {
        let (since, fields) = (since.unwrap_or(1), fields::specs(root, fields));
        quote_spanned! {span()=>
            #root::evolution::VariantSpec { name: #name, tag: #tag, since: #since, fields: #fields }
        }
    });
    quote_spanned! {span()=>
        check.enumeration(stored, const {
            &#root::evolution::EnumSpec { variants: &[#(#variants),*], #history }
        })
    }
}

fn old(root: &Path, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let read = fields::read_old(root, &constructor(variant), &variant.fields);
        quote_spanned!(span()=> #index => { #read })
    });
    quote_spanned! {span()=>
        #root::evolution::How::Enum(variants) => {
            let (variant, record, bytes) = #root::evolution::Plan::variant(variants, bytes)?;
            match variant {
                #(#arms)*
                _ => ::core::result::Result::Err(#root::layout::Invalid("an enum has an unknown variant")),
            }
        }
    }
}
