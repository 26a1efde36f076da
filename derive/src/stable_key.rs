//! `#[derive(StableKey)]`: encodes the tag of an enum, then the fields one after another.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Index, Path, Type};

use crate::bounds;
use crate::errors::Errors;
use crate::generate::{self, span};
use crate::input::{Field, Input, Purpose, Shape, Variant};
use crate::reader;

struct Body {
    /// The value of `KEY`.
    key: TokenStream,
    write: TokenStream,
    read: TokenStream,
}

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let checked = reader::read(input, Purpose::Key, &mut errors);
    if errors.is_empty() {
        return implement(&checked);
    }
    let stub = stub(&checked);
    let errors = errors.into_tokens();
    quote!(#errors #stub)
}

fn implement(input: &Input) -> TokenStream {
    let root = &input.root;
    let Body { key, write, read } = match &input.shape {
        Shape::Struct(record) => structure(input, &record.fields),
        Shape::Enum { variants, .. } => enumeration(input, variants),
    };
    let (head, prefixes) = (head(input), prefixes(input));
    quote_spanned! {span()=>
        #prefixes

        #head {
            const KEY: &'static #root::layout::Layout = #key;

            #[inline]
            fn write_key(&self, out: &mut #root::key::KeyBuf, last: ::core::primitive::bool) {
                #write
            }

            #[inline]
            fn read_key(
                bytes: &mut &[::core::primitive::u8],
                last: ::core::primitive::bool,
            ) -> ::core::result::Result<Self, #root::layout::Invalid> {
                #read
            }
        }
    }
}

fn head(input: &Input) -> TokenStream {
    let root = &input.root;
    generate::head(input, &quote_spanned!(span()=> #root::key::StableKey))
}

fn stub(input: &Input) -> TokenStream {
    let root = &input.root;
    let items = quote_spanned! {span()=>
        const KEY: &'static #root::layout::Layout = &#root::layout::Layout::Tuple(&[]);

        fn write_key(&self, _: &mut #root::key::KeyBuf, _: ::core::primitive::bool) {
            ::core::unimplemented!()
        }

        fn read_key(_: &mut &[::core::primitive::u8], _: ::core::primitive::bool) -> ::core::result::Result<Self, #root::layout::Invalid> {
            ::core::unimplemented!()
        }
    };
    generate::stub(input, &head(input), &items)
}

/// The largest number of fields in a prefix, since each number needs an implementation.
const MAX_PREFIX_FIELDS: usize = 8;

/// Generates `impl KeyPrefix<Self> for (A, B)` for each number of leading fields.
fn prefixes(input: &Input) -> TokenStream {
    let Shape::Struct(record) = &input.shape else { return TokenStream::new() };
    let (root, ident) = (&input.root, &input.ident);
    let generics = bounds::bounded(input, &quote_spanned!(span()=> #root::key::StableKey));
    let (parameters, arguments, clause) = generics.split_for_impl();
    let counts = 1..record.fields.len().clamp(1, MAX_PREFIX_FIELDS + 1);
    let implementations = counts.map(|count| {
        let types: Vec<&Type> = record.fields[..count].iter().map(|field| &field.ty).collect();
        let index = (0..count).map(Index::from);
        quote_spanned! {span()=>
            #[automatically_derived]
            impl #parameters #root::key::KeyPrefix<#ident #arguments> for (#(#types,)*) #clause {
                fn write_prefix(&self, out: &mut #root::key::KeyBuf, _: ::core::primitive::bool) {
                    #(<#types as #root::key::StableKey>::write_key(&self.#index, out, false);)*
                }
            }
        }
    });
    implementations.collect()
}

fn structure(input: &Input, fields: &[Field]) -> Body {
    let Input { root, name, .. } = input;
    let layouts = layouts(root, fields);
    let values = fields.iter().map(|Field { member, .. }| quote_spanned!(span()=> &self.#member));
    let read = read(root, fields);
    Body {
        key: quote_spanned! {span()=>
            &#root::layout::Layout::Struct { name: #name, version: 0, fields: #layouts }
        },
        write: write(root, fields, values),
        read: quote_spanned!(span()=> ::core::result::Result::Ok(Self { #read })),
    }
}

fn enumeration(input: &Input, variants: &[Variant]) -> Body {
    let Input { root, name, .. } = input;
    let layouts = variants.iter().map(|Variant { name, tag, record, .. }| {
        let fields = layouts(root, &record.fields);
        quote_spanned!(span()=> #root::layout::Variant { name: #name, tag: #tag, fields: #fields })
    });
    let writes = variants.iter().map(|Variant { ident, tag, record, .. }| {
        let fields = &record.fields;
        let members = fields.iter().map(|field| &field.member);
        let locals: Vec<_> = fields.iter().map(|field| &field.local).collect();
        let write = write(root, fields, locals.iter().map(|local| quote_spanned!(span()=> #local)));
        quote_spanned! {span()=>
            Self::#ident { #(#members: #locals),* } => {
                out.push([#tag]);
                #write
            }
        }
    });
    let reads = variants.iter().map(|Variant { ident, tag, record, .. }| {
        let read = read(root, &record.fields);
        quote_spanned!(span()=> #tag => ::core::result::Result::Ok(Self::#ident { #read }),)
    });
    Body {
        key: quote_spanned! {span()=>
            &#root::layout::Layout::Enum { name: #name, version: 0, variants: &[#(#layouts),*] }
        },
        write: quote_spanned!(span()=> match self { #(#writes)* }),
        read: quote_spanned! {span()=>
            match <::core::primitive::u8 as #root::key::StableKey>::read_key(bytes, false)? {
                #(#reads)*
                _ => ::core::result::Result::Err(#root::layout::Invalid("a key has an unknown tag")),
            }
        },
    }
}

fn layouts(root: &Path, fields: &[Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.name);
    let types = fields.iter().map(|field| &field.ty);
    quote_spanned! {span()=>
        &[#(#root::layout::Field { name: #names, layout: <#types as #root::key::StableKey>::KEY }),*]
    }
}

/// Generates the argument `last` of each of `count` fields.
fn lasts(count: usize) -> impl Iterator<Item = TokenStream> {
    (1..=count).map(move |position| {
        if position == count { quote_spanned!(span()=> last) } else { quote_spanned!(span()=> false) }
    })
}

/// Generates the calls that write `values`, which are references.
fn write(root: &Path, fields: &[Field], values: impl Iterator<Item = TokenStream>) -> TokenStream {
    let types = fields.iter().map(|field| &field.ty);
    let lasts = lasts(fields.len());
    quote_spanned!(span()=> #(<#types as #root::key::StableKey>::write_key(#values, out, #lasts);)*)
}

/// Generates the contents of a constructor's braces.
fn read(root: &Path, fields: &[Field]) -> TokenStream {
    let members = fields.iter().map(|field| &field.member);
    let types = fields.iter().map(|field| &field.ty);
    let lasts = lasts(fields.len());
    quote_spanned!(span()=> #(#members: <#types as #root::key::StableKey>::read_key(bytes, #lasts)?),*)
}
