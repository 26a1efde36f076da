//! Generates the implementation of `Record`, and a constant for each index.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Type};

use super::input::{Expiry, Index, Reference, Table, Values};
use super::names::path;
use crate::generate::{span, span_of};

pub(crate) fn implement(table: &Table) -> TokenStream {
    let Table { root, ident, key, is_numbered, indexes, .. } = table;
    let key_type = tuple(key.iter().map(|(_, ty)| ty));
    let written = write(table, key, true);
    let set_number = match key.as_slice() {
        [(field, ty)] if *is_numbered => quote_spanned! { span_of(ty)=> self.#field = number; },
        _ => quote_spanned! {span()=> let _ = number; },
    };
    let key_layout = key_layout(table);
    let specs = indexes.iter().map(|index| spec(table, index, &key_type));
    let roots = (0..indexes.len())
        .map(|at| quote_spanned!(span()=> <#ident as #root::table::Record>::INDEXES[#at].root()));
    let constants = constants(table);
    let references = table.references.iter().map(|reference| reference_spec(table, reference));
    let targets = table.references.iter().map(|reference| target(table, reference));
    let name = ident.unraw().to_string();
    let (expires, has_same_values) = (expires(table), has_same_values(table));
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #root::table::Record for #ident {
            type Key = #key_type;

            const TYPE: &'static ::core::primitive::str =
                ::core::concat!(::core::module_path!(), "::", #name);

            const KEY_LAYOUT: &'static #root::layout::Layout = &#key_layout;

            const INDEXES: &'static [#root::table::IndexSpec<Self>] = &[#(#specs),*];

            const ROOTS: &'static [#root::store::RootSpec] = &[#(#roots),*];

            const REFERENCES: &'static [#root::table::ReferenceSpec<Self>] = &[#(#references),*];

            const TARGETS: &'static [#root::store::links::Target] = &[#(#targets),*];

            const EXPIRES: ::core::option::Option<&'static #root::table::ExpirySpec> = #expires;

            const IS_NUMBERED: ::core::primitive::bool = #is_numbered;

            fn has_same_values(old: &[::core::primitive::u8], new: &[::core::primitive::u8]) -> ::core::primitive::bool {
                #has_same_values
            }

            fn write_key(&self, out: &mut #root::key::KeyBuf) {
                let row = self;
                #written
            }

            fn set_number(&mut self, number: ::core::primitive::u64) {
                #set_number
            }
        }

        #constants
    }
}

/// Generates a struct of the fields of the key, with the name of the row's type.
fn key_layout(table: &Table) -> TokenStream {
    let (root, name) = (&table.root, table.ident.unraw().to_string());
    let fields = table.key.iter().map(|(field, ty)| {
        let field = field.unraw().to_string();
        let layout = quote_spanned!(span_of(ty)=> <#ty as #root::key::StableKey>::KEY);
        quote_spanned!(span()=> #root::layout::Field { name: #field, layout: #layout })
    });
    quote_spanned! {span()=>
        #root::layout::Layout::Struct { name: #name, version: 0, fields: &[#(#fields),*] }
    }
}

fn reference_spec(table: &Table, reference: &Reference) -> TokenStream {
    let (root, row) = (&table.root, &table.ident);
    let Reference { field, ty, target, cascades, index } = reference;
    let (name, is_unique) =
        table.indexes.get(*index).map_or((None, false), |index| (Some(&index.name), index.is_unique));
    let key = quote_spanned!(span_of(target)=> <#target as #root::table::Record>::Key);
    let refers = quote_spanned!(span_of(ty)=> <#ty as #root::table::RefersTo<#key>>);
    quote_spanned! {span()=>
        #root::table::ReferenceSpec {
            name: #name,
            index: #index,
            cascades: #cascades,
            is_optional: #refers::IS_OPTIONAL,
            to: |row: &#row, out: &mut #root::key::KeyBuf| {
                #root::table::write_target::<#key, #ty>(&row.#field, out)
            },
            value: |key: &[::core::primitive::u8], out: &mut #root::key::KeyBuf| {
                #root::table::write_value::<#key, #ty>(key, out, #is_unique)
            },
        }
    }
}

fn expires(table: &Table) -> TokenStream {
    let (root, Some(Expiry { ty, index })) = (&table.root, &table.expires) else {
        return quote!(::core::option::Option::None);
    };
    let is_unique = table.indexes.get(*index).is_some_and(|index| index.is_unique);
    let time = quote_spanned!(span_of(ty)=> <#ty as #root::table::ExpiryTime>);
    quote_spanned! {span()=>
        ::core::option::Option::Some(&#root::table::ExpirySpec {
            index: #index,
            is_optional: #time::IS_OPTIONAL,
            value: |time: ::core::primitive::u64, out: &mut #root::key::KeyBuf| {
                #root::table::write_time::<#ty>(time, out, #is_unique)
            },
        })
    }
}

/// Generates the table that a reference leads to.
fn target(table: &Table, reference: &Reference) -> TokenStream {
    let (root, target) = (&table.root, &reference.target);
    let (from, to, field) = (table.ident.unraw(), quote!(#target).to_string(), reference.field.unraw());
    let missing =
        format!("`{from}` refers to `{to}` by `{field}`, and no collection of this store is a `Table<{to}>`");
    let ambiguous = format!(
        "`{from}` refers to `{to}` by `{field}`, and several collections of this store are a `Table<{to}>`"
    );
    quote_spanned! {span()=>
        #root::store::links::Target {
            row: <#target as #root::table::Record>::TYPE,
            missing: #missing,
            ambiguous: #ambiguous,
        }
    }
}

/// Generates a constant of the row's type for each index and each reference.
fn constants(table: &Table) -> TokenStream {
    let Table { root, ident, vis, indexes, .. } = table;
    let constants = indexes.iter().enumerate().map(|(at, index)| {
        let name = index.name.value();
        let constant = format_ident!("BY_{}", name.to_uppercase(), span = index.name.span());
        let kind = if index.is_unique { quote!(UniqueIndex) } else { quote!(Index) };
        let ty = value_type(index);
        let doc = format!("The index `{name}`.");
        quote_spanned! {span()=>
            #[doc = #doc]
            #[allow(dead_code)]
            #vis const #constant: #root::table::#kind<#ident, #ty> = #root::table::#kind::new(#at);
        }
    });
    let references = table.references.iter().enumerate().map(|(at, reference)| {
        let Reference { field, target, .. } = reference;
        let name = field.unraw().to_string();
        let constant = format_ident!("TO_{}", name.to_uppercase(), span = field.span());
        let doc = format!("The reference by `{name}`.");
        quote_spanned! {span()=>
            #[doc = #doc]
            #[allow(dead_code)]
            #vis const #constant: #root::table::Reference<#ident, #target> = #root::table::Reference::new(#at);
        }
    });
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #ident {
            #(#constants)*
            #(#references)*
        }
    }
}

fn spec(table: &Table, index: &Index, key_type: &TokenStream) -> TokenStream {
    let Table { root, ident, .. } = table;
    let Index { name, is_unique, only, is_made_at_upgrade, definition, .. } = index;
    let value = value_type(index);
    let key = if *is_unique { value.clone() } else { quote_spanned!(span()=> (#value, #key_type)) };
    let skip = only.as_ref().map(|only| {
        quote_spanned! {span_of(only)=>
            if !#only(row) {
                return;
            }
        }
    });
    let (names, is_each): (Vec<String>, bool) = match &index.values {
        Values::Fields(fields) => {
            (fields.iter().map(|(field, _)| field.unraw().to_string()).collect(), false)
        }
        Values::EachOf(field, _) => (vec![field.unraw().to_string()], true),
        Values::By(..) => (Vec::new(), false),
        Values::EachBy(..) => (Vec::new(), true),
    };
    let values = values(table, index);
    let included = included(table, index);
    let included_fields = index.included.iter().map(|(field, ty)| {
        let (name, layout) = (field.unraw().to_string(), layout_of(table, ty));
        quote_spanned!(span()=> #root::layout::Field { name: #name, layout: #layout::LAYOUT })
    });
    quote_spanned! {span()=>
        #root::table::IndexSpec {
            name: #name,
            is_unique: #is_unique,
            fields: &[#(#names),*],
            is_each: #is_each,
            is_made_at_upgrade: #is_made_at_upgrade,
            definition: &#root::evolution::History::Plain(&#root::layout::Layout::Struct {
                name: "Index",
                version: 0,
                fields: &[
                    #root::layout::Field {
                        name: #definition,
                        layout: &#root::layout::Layout::Tuple(&[]),
                    },
                    #(#included_fields),*
                ],
            }),
            key: <#key as #root::key::StableKey>::KEY,
            key_size: <#key as #root::key::StableKey>::KEY_SIZE,
            included: #included,
            row: |entry: &[::core::primitive::u8]| #root::table::after_value::<#value>(entry),
            values: |row: &#ident, values: &mut #root::table::Values<'_>| {
                #skip
                #values
            },
        }
    }
}

fn layout_of(table: &Table, ty: &Type) -> TokenStream {
    let root = &table.root;
    quote_spanned!(span_of(ty)=> <#ty as #root::layout::StableLayout>)
}

/// Generates the encoding of the fields that an index includes.
fn included(table: &Table, index: &Index) -> TokenStream {
    let (root, row) = (&table.root, &table.ident);
    if index.included.is_empty() {
        return quote!(::core::option::Option::None);
    }
    let layouts: Vec<TokenStream> = index.included.iter().map(|(_, ty)| layout_of(table, ty)).collect();
    let names = index.included.iter().map(|(field, _)| field.unraw().to_string());
    let fields: Vec<&Ident> = index.included.iter().map(|(field, _)| field).collect();
    quote_spanned! {span()=>
        ::core::option::Option::Some(&#root::table::Included {
            fields: &[#((#names, #layouts::SIZE)),*],
            write: |row: &#row, out: &mut #root::Vec<::core::primitive::u8>| {
                const HEAD: ::core::primitive::usize = 0 #(+ #root::layout::record::head_size(#layouts::SIZE))*;
                let len = HEAD #(+ #root::layout::record::tail_len(&row.#fields))*;
                out.resize(len, 0);
                let mut record = #root::layout::record::RecordWriter::new(out, HEAD);
                #(record.field(&row.#fields);)*
            },
        })
    }
}

/// Generates the comparison of the fields of all indexes in two encoded rows.
fn has_same_values(table: &Table) -> TokenStream {
    let (root, row) = (&table.root, &table.ident);
    let mut fields: Vec<&Ident> = Vec::new();
    for index in &table.indexes {
        fields.extend(index.included.iter().map(|(field, _)| field));
        match &index.values {
            Values::Fields(parts) if index.only.is_none() => {
                fields.extend(parts.iter().map(|(field, _)| field));
            }
            Values::EachOf(field, _) if index.only.is_none() => fields.push(field),
            _ => {
                return quote_spanned! {span()=>
                    let _ = (old, new);
                    false
                };
            }
        }
    }
    fields.sort();
    fields.dedup();
    let same = fields.into_iter().map(|field| {
        let path = path(field, &table.paths);
        quote_spanned!(span()=> && #root::table::is_same_field(#row::#path, old, new))
    });
    quote_spanned! {span()=>
        let _ = (old, new);
        true #(#same)*
    }
}

/// Generates the writing of the values of `row` to `values`.
fn values(table: &Table, index: &Index) -> TokenStream {
    let (root, is_unique) = (&table.root, index.is_unique);
    let one = |ty: &Type, value: TokenStream| {
        quote_spanned! {span_of(ty)=>
            <#ty as #root::key::StableKey>::write_key(#value, values.next_value(), #is_unique);
        }
    };
    match &index.values {
        Values::Fields(fields) => {
            let write = write(table, fields, is_unique);
            quote_spanned! {span()=>
                let out = values.next_value();
                #write
            }
        }
        Values::By(function, ty) => {
            let put = one(ty, quote_spanned!(span()=> &value));
            quote_spanned! {span()=>
                let value: #ty = #function(row);
                #put
            }
        }
        Values::EachOf(field, ty) => {
            let put = one(ty, quote_spanned!(span()=> value));
            quote_spanned! {span()=>
                for value in &row.#field {
                    #put
                }
            }
        }
        Values::EachBy(function, ty) => {
            let put = one(ty, quote_spanned!(span()=> &value));
            quote_spanned! {span()=>
                for value in #function(row) {
                    #put
                }
            }
        }
    }
}

/// Generates the writing of fields of `row` to `out`, as the parts of one key. `last` is `true` if
/// nothing follows them.
fn write(table: &Table, fields: &[(Ident, Type)], last: bool) -> TokenStream {
    let (root, count) = (&table.root, fields.len());
    let parts = fields.iter().enumerate().map(|(at, (field, ty))| {
        let last = last && at + 1 == count;
        quote_spanned!(span_of(ty)=> <#ty as #root::key::StableKey>::write_key(&row.#field, out, #last);)
    });
    parts.collect()
}

fn value_type(index: &Index) -> TokenStream {
    match &index.values {
        Values::Fields(fields) => tuple(fields.iter().map(|(_, ty)| ty)),
        Values::By(_, ty) | Values::EachOf(_, ty) | Values::EachBy(_, ty) => quote!(#ty),
    }
}

/// Returns the type of one field, or the tuple of several.
fn tuple<'a>(mut types: impl Iterator<Item = &'a Type> + Clone) -> TokenStream {
    match (types.clone().count(), types.next()) {
        (1, Some(ty)) => quote!(#ty),
        (_, first) => quote!((#first #(, #types)*)),
    }
}
