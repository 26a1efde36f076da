//! What all generated implementations have in common.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;

use crate::bounds;
use crate::input::Input;

/// Everything is generated with spans of mixed hygiene: what a programmer writes as a default does not see
/// the variables around it.
pub(crate) fn span() -> Span {
    Span::mixed_site()
}

/// The same hygiene, but errors point at `tokens`.
pub(crate) fn span_of(tokens: impl ToTokens) -> Span {
    let first = tokens.into_token_stream().into_iter().next();
    first.map_or_else(span, |token| span().located_at(token.span()))
}

/// `impl … interface for …`, up to the brace.
pub(crate) fn head(input: &Input, interface: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let generics = bounds::bounded(input, interface);
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #parameters #interface for #ident #arguments #clause
    }
}

/// `impl …` for what is the type's own and takes a layout.
pub(crate) fn inherent(input: &Input) -> TokenStream {
    let (ident, root) = (&input.ident, &input.root);
    let generics = bounds::bounded(input, &quote_spanned!(span()=> #root::layout::StableLayout));
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #parameters #ident #arguments #clause
    }
}

/// `head { items }` for a type with errors: spares its users errors that only say that it implements
/// nothing.
pub(crate) fn stub(input: &Input, head: &TokenStream, items: &TokenStream) -> TokenStream {
    // The traits ask for `'static`; leave that to the error at the lifetime.
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    quote_spanned!(span()=> #head { #items })
}

/// A type as it was written.
pub(crate) fn written(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let tight =
        [(" < ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("( ", "("), (" )", ")"), (" ;", ";")];
    tight.iter().fold(text, |text, (loose, tight)| text.replace(loose, tight))
}
