//! Compares a type with `graven.lock`, if its crate has one. Names, tags and order are compared
//! here. Types are compared by constants that the compiler evaluates. The code that writes the file
//! is in `graven-core`, which a macro cannot depend on. This module only reads the entries of one
//! type.

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

/// Reports differences, and generates the code that finds those of types.
pub(crate) fn check(input: &Input, errors: &mut Errors) -> TokenStream {
    let Some(path) = path() else { return TokenStream::new() };
    let text = std::fs::read_to_string(&path);
    let path = path.to_string_lossy().into_owned();
    // Cargo rebuilds the crate when these change.
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
        // The instances of a generic type have one name, so there may be several entries.
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

/// Returns `true` if only the compiler knows whether a version is the type's own or one of
/// `previous`.
fn later(input: &Input, version: u32) -> bool {
    input.previous.is_some() && version < input.version
}

/// Returns `true` if the type has parameters, and therefore no single layout.
fn is_generic(input: &Input) -> bool {
    input.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// Generates an item that runs `check` if the version is the type's own.
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
    // Evaluation errors point at the type.
    quote_spanned! {span_of(ty)=>
        if !#root::lock::is_written(<#ty as #root::layout::StableLayout>::LAYOUT, #text) {
            ::core::panic!("{}", #message);
        }
    }
}
