//! `#[graven::store]`: makes a store of a struct of collections.

mod methods;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DataStruct, DeriveInput, Error, Field, Fields, Ident, LitStr, Path, Result, Token, Type,
    parenthesized, token,
};

/// Expands the attribute: the struct itself, its `Schema` and its methods.
pub(crate) fn expand(arguments: &TokenStream, mut input: DeriveInput) -> TokenStream {
    let (roots, options) = match check(arguments, &mut input) {
        Ok(checked) => checked,
        Err(error) => {
            let error = error.into_compile_error();
            return quote! { #input #error };
        }
    };
    let schema = schema(&input, &roots, &options);
    let methods = methods::methods(&input.ident, &options);
    quote! { #input #schema #methods }
}

/// A field, the name of its root, and the names that the root had before.
struct Root {
    field: Field,
    name: LitStr,
    was: Vec<LitStr>,
}

fn check(arguments: &TokenStream, input: &mut DeriveInput) -> Result<(Vec<Root>, Options)> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(
            arguments,
            "`store` takes no arguments here: what it is told stands below it, in a `#[store(…)]` of its own",
        ));
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
    let mut errors: Option<Error> = None;
    let mut roots: Vec<Root> = Vec::new();
    for field in &mut fields.named {
        match root(field) {
            Ok(root) => roots.push(root),
            Err(error) => combine(&mut errors, error),
        }
    }
    let mut options = Options::default();
    if let Err(error) = options.read(&mut input.attrs) {
        combine(&mut errors, error);
    }
    names_are_taken_once(&roots, &options.dropped, &mut errors);
    errors.map_or(Ok((roots, options)), Err)
}

/// Reports names that are used for two roots. A stored root goes to one collection or is dropped.
fn names_are_taken_once(roots: &[Root], dropped: &[LitStr], errors: &mut Option<Error>) {
    let mut taken: Vec<String> = Vec::new();
    for root in roots {
        if taken.contains(&root.name.value()) {
            let message = format!("two collections of this store are called `{}`", root.name.value());
            combine(errors, Error::new(root.name.span(), message));
        }
        taken.push(root.name.value());
    }
    for root in roots {
        for (index, was) in root.was.iter().enumerate() {
            let old = was.value();
            let known =
                old == root.name.value() || root.was[..index].iter().any(|other| other.value() == old);
            if known {
                let message = format!("this collection is or was called `{old}` already: leave this out");
                combine(errors, Error::new(was.span(), message));
            } else if taken.contains(&old) {
                let message = format!(
                    "another collection of this store is or was called `{old}`: a stored root goes to one"
                );
                combine(errors, Error::new(was.span(), message));
            }
            taken.push(old);
        }
    }
    for (index, gone) in dropped.iter().enumerate() {
        let name = gone.value();
        if dropped[..index].iter().any(|other| other.value() == name) {
            combine(errors, Error::new(gone.span(), format!("`{name}` is dropped already: leave this out")));
        } else if taken.contains(&name) {
            let message =
                format!("`{name}` goes to a collection and is dropped as well: leave one of them out");
            combine(errors, Error::new(gone.span(), message));
        }
    }
}

fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

/// Removes the `store` attributes from a list and returns them.
fn take(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let (ours, others) = attributes.drain(..).partition(|attribute| attribute.path().is_ident("store"));
    *attributes = others;
    ours
}

/// Reads the names under which a field is stored and was stored.
fn root(field: &mut Field) -> Result<Root> {
    let ident = field.ident.as_ref().map_or_else(|| format_ident!("field"), syn::ext::IdentExt::unraw);
    let default = LitStr::new(&ident.to_string(), ident.span());
    let (mut name, mut was) = (None, Vec::new());
    for attribute in take(&mut field.attrs) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                if name.is_some() {
                    return Err(meta.error("`name` is given twice for the same collection"));
                }
                name = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("renamed") {
                was.extend(names(&meta)?);
            } else {
                return Err(meta.error("`store` on a field takes `name = \"…\"` and `renamed(\"…\")`"));
            }
            Ok(())
        })?;
    }
    if let Some(cfg) = field.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        let message =
            "a build without this collection would refuse what one with it stored: declare it in all of them";
        return Err(Error::new_spanned(cfg, message));
    }
    let name = name.unwrap_or(default);
    check_name(&name)?;
    Ok(Root { field: field.clone(), name, was })
}

/// The attributes of the struct itself.
#[derive(Default)]
struct Options {
    /// The path of `graven`, if it is not `::graven`.
    root: Option<Path>,
    /// The names of stored roots to drop.
    dropped: Vec<LitStr>,
    /// The generated methods to leave out.
    without: Vec<Ident>,
}

impl Options {
    fn read(&mut self, attributes: &mut Vec<Attribute>) -> Result<()> {
        for attribute in take(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("dropped") {
                    self.dropped.extend(names(&meta)?);
                } else if meta.path.is_ident("crate") {
                    self.root = Some(meta.value()?.call(Path::parse_mod_style)?);
                } else if meta.path.is_ident("without") {
                    self.without.extend(methods::names(&meta)?);
                } else {
                    return Err(meta.error(
                        "`store` on a store takes `crate = path`, `dropped(\"…\")` and `without(method, …)`",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Returns the path of the module that generated code names.
    fn root(&self) -> TokenStream {
        match &self.root {
            Some(root) => quote!(#root::__private),
            None => quote!(::graven::__private),
        }
    }
}

/// Reads a list of names, as in `("a", "b")`.
fn names(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    if !meta.input.peek(token::Paren) {
        return Err(meta.error("at least one name, as in (\"users\")"));
    }
    let content;
    parenthesized!(content in meta.input);
    let names: Vec<LitStr> =
        content.parse_terminated(<LitStr as Parse>::parse, Token![,])?.into_iter().collect();
    if names.is_empty() {
        return Err(meta.error("at least one name, as in (\"users\")"));
    }
    names.iter().try_for_each(check_name)?;
    Ok(names)
}

fn check_name(name: &LitStr) -> Result<()> {
    match name.value().len() {
        1..=255 => Ok(()),
        _ => Err(Error::new(name.span(), "a root's name has 1 to 255 bytes")),
    }
}

/// Generates the declarations of all roots.
fn specs(roots: &[Root], root: &TokenStream) -> TokenStream {
    let specs = roots.iter().map(|Root { field, name, was, .. }| {
        let (ty, renamed) = (&field.ty, (!was.is_empty()).then(|| quote!(.renamed(&[#(#was),*]))));
        quote_spanned! { ty.span() =>
            (<#ty as #root::Collection>::SPEC.named(#name) #renamed, <#ty as #root::Collection>::PARTS)
        }
    });
    quote! {
        {
            const COLLECTIONS: &[#root::store::parts::WithParts] = &[#(#specs),*];
            const NAMES: &[::core::primitive::u8] =
                &#root::store::parts::names::<{ #root::store::parts::names_len(COLLECTIONS) }>(COLLECTIONS);
            const ROOTS: &[#root::store::RootSpec] =
                &#root::store::parts::flat::<{ #root::store::parts::count(COLLECTIONS) }>(COLLECTIONS, NAMES);
            ROOTS
        }
    }
}

fn schema(input: &DeriveInput, roots: &[Root], options: &Options) -> TokenStream {
    let (store, root, dropped) = (&input.ident, options.root(), &options.dropped);
    let fields: Vec<_> = roots.iter().map(|root| &root.field.ident).collect();
    let types: Vec<_> = roots.iter().map(|root| &root.field.ty).collect();
    let first = types.first();
    let first_field = fields.first();
    // Errors in the type of a collection point at the type. A type that comes from a macro has a
    // span that does not see the variables of generated code, so these have spans of their own.
    let [variable, index, this, budget, progress] =
        ["store", "index", "self", "budget", "progress"].map(|name| format_ident!("{name}"));
    let specs = specs(roots, &root);
    let attached = fields.iter().zip(&types).map(|(field, ty)| {
        quote_spanned! { ty.span() => #field: #variable.attach::<#ty>(&mut #index) }
    });
    let memory = quote_spanned! { first.span() => <#first as #root::Collection>::Memory };
    let referring = types.iter().map(|ty| {
        quote_spanned! { ty.span() =>
            (<#ty as #root::Collection>::ROW, <#ty as #root::Collection>::TARGETS)
        }
    });
    let swept = fields.iter().zip(&types).map(|(field, ty)| {
        quote_spanned! { ty.span() =>
            #root::store::sweep_one::<#ty>(&mut #this.#field, #budget, &mut #progress)?;
        }
    });
    let makes_indexes = types.iter().map(|ty| {
        quote_spanned! { ty.span() => <#ty as #root::Collection>::MAKES_INDEXES }
    });
    let for_tools = for_tools(&fields, &types, &root);
    let now = format_ident!("now");
    let expired = fields.iter().zip(&types).map(|(field, ty)| {
        quote_spanned! { ty.span() =>
            <#ty as #root::Collection>::expire(&mut #this.#field, #now, #budget)?
        }
    });
    quote! {
        #[automatically_derived]
        impl #root::Schema for #store {
            type Memory = #memory;

            const ROOTS: &'static [#root::store::RootSpec] = #specs;

            const DROPPED: &'static [&'static ::core::primitive::str] = &[#(#dropped),*];

            fn attach(store: &mut #root::Store<Self::Memory>) -> Self {
                const IS_LINKED: ::core::primitive::bool = #root::store::links::are_linked(&[#(#referring),*]);
                let mut index = 0;
                let attached = #store { #(#attached),* };
                if IS_LINKED {
                    let mut links = <#root::store::links::Links as ::core::default::Default>::default();
                    #(#root::Collection::announce(&attached.#fields, &mut links);)*
                    #(#root::Collection::link(&attached.#fields, &links);)*
                }
                attached
            }

            const MAKES_INDEXES: ::core::primitive::bool = false #(|| #makes_indexes)*;

            fn make_indexes(&self) -> #root::Result<#root::Vec<#root::evolution::Problem>> {
                let mut problems = #root::Vec::new();
                #(#root::Collection::make_indexes(&self.#fields, &mut problems)?;)*
                ::core::result::Result::Ok(problems)
            }

            fn stats(&self) -> #root::Vec<#root::RootStats> {
                #root::vec::Vec::from([#(#root::Collection::root_stats(&self.#fields)),*])
            }

            fn pager(&self) -> &#root::Pager<Self::Memory> {
                #root::Collection::root(&self.#first_field).pager()
            }

            fn obsolete(&self) -> #root::Result<#root::Vec<#root::VersionName>> {
                #root::store::obsolete(&[#(#root::Collection::root(&self.#fields)),*], Self::ROOTS)
            }

            #for_tools

            fn expire(
                &mut self,
                now: ::core::primitive::u64,
                budget: &mut #root::Budget<'_>,
            ) -> #root::Result<::core::primitive::bool> {
                ::core::result::Result::Ok(true #(& #expired)*)
            }

            fn sweep(&mut self, budget: &mut #root::Budget<'_>) -> #root::Result<#root::Progress> {
                let mut progress = #root::Progress::default();
                #(#swept)*
                ::core::result::Result::Ok(progress)
            }
        }
    }
}

/// Generates the methods of `Schema` that answer tools.
fn for_tools(fields: &[&Option<Ident>], types: &[&Type], root: &TokenStream) -> TokenStream {
    // Names that are used below with the spans of types.
    let [this, position, budget] = ["self", "position", "budget"].map(|name| format_ident!("{name}"));
    let verified = (0_u32..).zip(fields.iter().zip(types)).map(|(number, (field, ty))| {
        quote_spanned! { ty.span() =>
            #number => <#ty as #root::Collection>::verify_within(&#this.#field, #position, #budget)
        }
    });
    quote! {
        fn ask(
            &self,
            request: &#root::ask::Request,
            budget: &mut #root::Budget<'_>,
        ) -> ::core::result::Result<#root::ask::Answer, #root::ask::AskError> {
            match request.table.as_str() {
                #(name if name == #root::Collection::root(&self.#fields).name() => {
                    #root::Collection::ask(&self.#fields, request, budget)
                })*
                name => ::core::result::Result::Err(#root::ask::AskError::UnknownTable(
                    #root::ToString::to_string(name),
                )),
            }
        }

        fn verify_within(
            &self,
            #position: &mut #root::VerifyPosition,
            #budget: &mut #root::Budget<'_>,
        ) -> ::core::option::Option<#root::Result<::core::primitive::bool>> {
            ::core::option::Option::Some(match #position.collection {
                #(#verified,)*
                _ => return ::core::option::Option::None,
            })
        }
    }
}
