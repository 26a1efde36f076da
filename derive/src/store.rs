//! `#[graven::store]`: opens a struct of collections as one store.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DataStruct, DeriveInput, Error, Field, Fields, LitStr, Result};

/// Expands the attribute: the struct itself and its `Schema`.
pub fn expand(arguments: TokenStream, mut input: DeriveInput) -> TokenStream {
    let roots = match check(&arguments, &mut input) {
        Ok(roots) => roots,
        Err(error) => {
            let error = error.into_compile_error();
            return quote! { #input #error };
        }
    };
    let schema = schema(&input, &roots);
    let methods = methods(&input);
    quote! { #input #schema #methods }
}

/// A field and the name of its root.
struct Root {
    field: Field,
    name: LitStr,
}

fn check(arguments: &TokenStream, input: &mut DeriveInput) -> Result<Vec<Root>> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "`store` takes no arguments"));
    }
    if !input.generics.params.is_empty() {
        let message = "a store has no type parameters: name the types of its collections";
        return Err(Error::new_spanned(&input.generics, message));
    }
    let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = &mut input.data else {
        let message = "a store is a struct with named fields: their names are those of the stored roots";
        return Err(Error::new_spanned(&input.ident, message));
    };
    if fields.named.is_empty() {
        return Err(Error::new_spanned(&input.ident, "a store has at least one collection"));
    }
    let mut roots: Vec<Root> = Vec::new();
    let mut errors: Option<Error> = None;
    for field in &mut fields.named {
        match root_name(field) {
            Ok(name) if roots.iter().any(|root| root.name.value() == name.value()) => {
                let message = format!("two collections of this store are called `{}`", name.value());
                combine(&mut errors, Error::new(name.span(), message));
            }
            Ok(name) => roots.push(Root { field: field.clone(), name }),
            Err(error) => combine(&mut errors, error),
        }
    }
    errors.map_or(Ok(roots), Err)
}

fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

/// The name under which a field is stored; takes `#[store(name = "…")]` off the field.
fn root_name(field: &mut Field) -> Result<LitStr> {
    let ident = field.ident.as_ref().map_or_else(|| format_ident!("field"), syn::ext::IdentExt::unraw);
    let mut name = LitStr::new(&ident.to_string(), ident.span());
    let (ours, others) = field.attrs.drain(..).partition(|attribute| attribute.path().is_ident("store"));
    field.attrs = others;
    let ours: Vec<syn::Attribute> = ours;
    for attribute in ours {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("`store` on a field takes `name = \"…\"`"));
            }
            name = meta.value()?.parse()?;
            Ok(())
        })?;
    }
    let len = name.value().len();
    if len == 0 || len > 255 {
        return Err(Error::new(name.span(), "a root's name has 1 to 255 bytes"));
    }
    Ok(name)
}

fn schema(input: &DeriveInput, roots: &[Root]) -> TokenStream {
    let store = &input.ident;
    let names: Vec<_> = roots.iter().map(|root| &root.name).collect();
    let fields: Vec<_> = roots.iter().map(|root| &root.field.ident).collect();
    let types: Vec<_> = roots.iter().map(|root| &root.field.ty).collect();
    let first = types.first();
    let first_field = fields.first();
    let specs = types.iter().zip(&names).map(|(ty, name)| {
        quote_spanned! { ty.span() => <#ty as ::graven::Collection>::SPEC.named(#name) }
    });
    let attached = fields.iter().zip(&types).enumerate().map(|(index, (field, ty))| {
        quote_spanned! { ty.span() => #field: <#ty as ::graven::Collection>::attach(store.take(#index)) }
    });
    quote! {
        #[automatically_derived]
        impl ::graven::Schema for #store {
            type Memory = <#first as ::graven::Collection>::Memory;

            const ROOTS: &'static [::graven::store::RootSpec] = &[#(#specs),*];

            fn attach(store: &mut ::graven::Store<Self::Memory>) -> Self {
                #store { #(#attached),* }
            }

            fn stats(&self) -> ::std::vec::Vec<::graven::RootStats> {
                ::std::vec![#(::graven::Collection::root(&self.#fields).stats()),*]
            }

            fn usage(&self) -> ::graven::page::Usage {
                ::graven::Collection::root(&self.#first_field).pager().usage()
            }

            fn sweep(&mut self, budget: &mut ::graven::Budget<'_>) -> ::graven::Result<::graven::Progress> {
                let mut progress = ::graven::Progress::default();
                #(::graven::store::sweep_one(&mut self.#fields, budget, &mut progress)?;)*
                ::core::result::Result::Ok(progress)
            }
        }
    }
}

/// The methods of `Schema` that programs call, without an import.
fn methods(input: &DeriveInput) -> TokenStream {
    let store = &input.ident;
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #store {
            /// Opens a memory as this store, or begins one in an empty memory. Everything stored is compared
            /// with what is declared here first; if anything does not fit, nothing is written.
            pub fn open(memory: <Self as ::graven::Schema>::Memory) -> ::graven::Result<Self> {
                <Self as ::graven::Schema>::open_with(memory, ::graven::Options::default())
            }

            /// Size and layouts of every collection. Reads nothing.
            pub fn stats(&self) -> ::std::vec::Vec<::graven::RootStats> {
                ::graven::Schema::stats(self)
            }

            /// How the pages of the store are used. Reads nothing.
            pub fn usage(&self) -> ::graven::page::Usage {
                ::graven::Schema::usage(self)
            }

            /// Brings old records to the newest layouts while the budget lasts, from where the last call
            /// stopped.
            pub fn sweep(&mut self, budget: &mut ::graven::Budget<'_>) -> ::graven::Result<::graven::Progress> {
                ::graven::Schema::sweep(self, budget)
            }
        }
    }
}
