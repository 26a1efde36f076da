//! Structs: a record of all fields.

use quote::quote_spanned;

use super::{Body, evolution, fields};
use crate::generate::span;
use crate::input::{Field, Input, Record};

pub(super) fn body(input: &Input, Record { fields, forms }: &Record) -> Body {
    let Input { root, name, version, .. } = input;
    let layouts = fields::layouts(root, fields);
    let histories = fields::histories(input, forms);
    let common = evolution::common(input);
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
        history: quote_spanned! {span()=>
            &#root::evolution::History::Struct(#root::evolution::StructHistory { fields: #histories, #common })
        },
        old: quote_spanned! {span()=> #root::evolution::Conversion::Struct(record) => { #old } },
    }
}
