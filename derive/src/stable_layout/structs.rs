//! Structs: one record.

use quote::quote_spanned;

use super::{Body, evolution, fields};
use crate::generate::span;
use crate::input::{Field, Input};

pub(super) fn body(input: &Input, fields: &[Field]) -> Body {
    let Input { root, version, .. } = input;
    let name = input.name();
    let layouts = fields::layouts(root, fields);
    let specs = fields::specs(root, fields);
    let history = evolution::history(input);
    let constructor = quote_spanned!(span()=> Self);
    let values: Vec<_> =
        fields.iter().map(|Field { member, .. }| quote_spanned!(span()=> &self.#member)).collect();
    let old = fields::read_old(root, &constructor, fields);
    Body {
        layout: quote_spanned! {span()=>
            &#root::layout::Layout::Struct { name: #name, version: #version, fields: #layouts }
        },
        encoded_len: fields::record_len(root, fields, &values),
        encode: fields::write(root, fields, &values, &quote_spanned!(span()=> out)),
        decode: fields::read(root, &constructor, fields, &quote_spanned!(span()=> bytes)),
        plan: quote_spanned! {span()=>
            check.structure(stored, const { &#root::evolution::StructSpec { fields: #specs, #history } })
        },
        old: quote_spanned! {span()=> #root::evolution::How::Struct(record) => { #old } },
    }
}
