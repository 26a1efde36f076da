//! Compares a type with `graven.lock`, if its crate has one: names, tags and order here, types by constants
//! that the compiler evaluates. `cargo graven` writes and compares the file as well (in `graven-core`); this
//! knows only as much of it as it takes.

mod compare;
mod file;

use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::GenericParam;

use crate::errors::Errors;
use crate::generate::{span, span_of};
use crate::input::Input;
use compare::{Difference, TypeIs};

/// Reports what differs, and gives the code that finds the rest.
pub(crate) fn check(input: &Input, errors: &mut Errors) -> TokenStream {
    let Some(path) = path() else { return TokenStream::new() };
    let text = std::fs::read_to_string(&path);
    let path = path.to_string_lossy().into_owned();
    // So that cargo builds anew when they change.
    let watched = quote_spanned! {span()=>
        const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!("GRAVEN_LOCK");
    };
    if std::env::var_os("GRAVEN_LOCK").is_some_and(|value| value == "off") {
        return watched;
    }
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            errors.at(&input.ident, format_args!("graven.lock cannot be read: {error}"));
            return watched;
        }
    };
    let versions = match file::versions(&text, &input.name) {
        Ok(versions) => versions,
        Err(file::Wrong { line, why }) => {
            errors.at(&input.ident, format_args!("line {line} of graven.lock {why}"));
            return watched;
        }
    };
    let mut late = Vec::new();
    let mut known: Vec<u32> = versions.iter().map(|locked| locked.version).collect();
    known.sort_unstable();
    known.dedup();
    known.retain(|version| (input.oldest..=input.version).contains(version));
    for version in known {
        let locked: Vec<_> = versions.iter().filter(|locked| locked.version == version).collect();
        if locked.len() > 1 && !is_generic(input) {
            let name = &input.name;
            let message = format_args!(
                "graven.lock has {} layouts of `{name}` version {version}: keep the one that was shipped, and give what \
                 changed in another a version of its own",
                locked.len()
            );
            errors.at(&input.ident, message);
            continue;
        }
        let found: Vec<_> = locked.iter().map(|locked| compare::compare(input, locked)).collect();
        // Several entries are instances of a generic type: their names are all the same.
        let best = found.into_iter().min_by_key(|(differences, _)| differences.len());
        let Some((differences, types)) = best else { continue };
        for difference in differences {
            match later(input, version) {
                false => errors.push(syn::Error::new(difference.span, difference.message)),
                true => late.push(if_own(input, version, &refuse(&difference))),
            }
        }
        if !is_generic(input) {
            late.extend(types.iter().map(|ty| if_own(input, version, &assert_type(input, ty))));
        }
    }
    quote!(#watched #(#late)*)
}

fn path() -> Option<PathBuf> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR")?;
    Some(PathBuf::from(folder).join("graven.lock")).filter(|path| path.is_file())
}

/// Only the compiler knows whether an older version is the type's own or one of `previous`.
fn later(input: &Input, version: u32) -> bool {
    input.previous.is_some() && version < input.version
}

/// What has types as parameters has no layout of its own.
fn is_generic(input: &Input) -> bool {
    input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// An item that runs `check` if the type describes the version itself.
fn if_own(input: &Input, version: u32, check: &TokenStream) -> TokenStream {
    let root = &input.root;
    match &input.previous {
        Some(_) if is_generic(input) => TokenStream::new(),
        Some(previous) if later(input, version) => quote_spanned! {span()=>
            const _: () = {
                let previous = <#previous as #root::layout::StableLayout>::LAYOUT;
                if #root::evolution::History::version_after(previous) <= #version {
                    #check
                }
            };
        },
        _ => quote_spanned!(span()=> const _: () = { #check };),
    }
}

fn refuse(Difference { span, message }: &Difference) -> TokenStream {
    quote_spanned!(*span=> ::core::panic!("{}", #message);)
}

fn assert_type(input: &Input, TypeIs { ty, text, message }: &TypeIs) -> TokenStream {
    let root = &input.root;
    // Errors of the evaluation point at the type.
    quote_spanned! {span_of(ty)=>
        if !#root::lock::is_written(<#ty as #root::layout::StableLayout>::LAYOUT, #text) {
            ::core::panic!("{}", #message);
        }
    }
}
