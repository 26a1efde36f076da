//! The methods that a store has without an import of `Schema`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::{Error, Ident, Result, Token, parenthesized, token};

use super::Options;

/// The methods that are generated unless the program has its own.
const METHODS: [&str; 7] = ["open", "stats", "usage", "obsolete", "sweep", "transact", "ask"];

/// Reads the names of the methods to leave out, as in `without(open, stats)`.
pub(super) fn names(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    if !meta.input.peek(token::Paren) {
        return Err(meta.error("at least one method, as in `without(stats)`"));
    }
    let content;
    parenthesized!(content in meta.input);
    let names: Vec<Ident> = content.parse_terminated(Ident::parse, Token![,])?.into_iter().collect();
    if names.is_empty() {
        return Err(meta.error("at least one method, as in `without(stats)`"));
    }
    match names.iter().find(|name| METHODS.iter().all(|method| *name != method)) {
        Some(unknown) => {
            let message =
                "a store has the methods `open`, `stats`, `usage`, `obsolete`, `sweep`, `transact` and `ask`";
            Err(Error::new(unknown.span(), message))
        }
        None => Ok(names),
    }
}

/// Generates the methods of `Schema` that programs call.
pub(super) fn methods(store: &Ident, options: &Options) -> TokenStream {
    let root = options.root();
    let all = METHODS.into_iter().zip(definitions(&root));
    let methods =
        all.filter(|(name, _)| options.without.iter().all(|own| own != name)).map(|(_, method)| method);
    quote! {
        #[automatically_derived]
        impl #store {
            #(#methods)*
        }
    }
}

/// Generates the definitions of all [`METHODS`], in their order.
fn definitions(root: &TokenStream) -> [TokenStream; 7] {
    [
        quote! {
            /// Opens a memory as this store, or creates the store in an empty memory. Everything
            /// stored is compared with the declaration first. If anything does not fit, nothing is
            /// written.
            pub fn open(memory: <Self as #root::Schema>::Memory) -> #root::Result<Self> {
                <Self as #root::Schema>::open_with(memory, <#root::Options as ::core::default::Default>::default())
            }
        },
        quote! {
            /// Returns the size and the layouts of every collection. Reads nothing.
            pub fn stats(&self) -> #root::Vec<#root::RootStats> {
                #root::Schema::stats(self)
            }
        },
        quote! {
            /// Returns how the pages of the store are used. Reads nothing.
            pub fn usage(&self) -> #root::Usage {
                #root::Schema::usage(self)
            }
        },
        quote! {
            /// Returns the older versions of the code's types that no page holds any more. Their
            /// histories may be deleted from the code.
            pub fn obsolete(&self) -> #root::Result<#root::Vec<#root::VersionName>> {
                #root::Schema::obsolete(self)
            }
        },
        quote! {
            /// Brings old records to the current layouts until the budget is spent. Continues where
            /// the last call stopped.
            pub fn sweep(&mut self, budget: &mut #root::Budget<'_>) -> #root::Result<#root::Progress> {
                #root::Schema::sweep(self, budget)
            }
        },
        quote! {
            /// Runs a function that changes collections of this store, as a whole or not at all. If
            /// it returns an error or panics, everything that it wrote is undone.
            pub fn transact<T, E>(
                &mut self,
                run: impl ::core::ops::FnOnce(&mut Self) -> ::core::result::Result<T, E>,
            ) -> ::core::result::Result<T, E> {
                #root::Schema::transact(self, run)
            }
        },
        quote! {
            /// Answers a request of a tool for rows of a table, for as long as the budget lasts: a
            /// row that is read counts as a page.
            pub fn ask(
                &self,
                request: &#root::ask::Request,
                budget: &mut #root::Budget<'_>,
            ) -> ::core::result::Result<#root::ask::Answer, #root::ask::AskError> {
                #root::Schema::ask(self, request, budget)
            }
        },
    ]
}
