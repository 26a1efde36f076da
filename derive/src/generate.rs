//! The parts that all generated implementations have in common.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;

use crate::bounds;
use crate::input::Input;

/// Returns the span of generated code. Its hygiene is mixed, so that the user's expressions do not
/// see the variables around them.
pub(crate) fn span() -> Span {
    Span::mixed_site()
}

/// Returns a span with the hygiene of [`span`] whose errors point at `tokens`.
pub(crate) fn span_of(tokens: impl ToTokens) -> Span {
    let first = tokens.into_token_stream().into_iter().next();
    first.map_or_else(span, |token| span().located_at(token.span()))
}

/// Generates `impl … interface for …`, up to the brace.
pub(crate) fn head(input: &Input, interface: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let generics = bounds::bounded(input, interface);
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #parameters #interface for #ident #arguments #clause
    }
}

/// Generates the head of an inherent `impl` with the bounds of `StableLayout`.
pub(crate) fn inherent(input: &Input) -> TokenStream {
    let (ident, root) = (&input.ident, &input.root);
    let generics = bounds::bounded(input, &quote_spanned!(span()=> #root::layout::StableLayout));
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote_spanned! {span()=>
        #[automatically_derived]
        impl #parameters #ident #arguments #clause
    }
}

/// Generates `head { items }` for a type with errors. Without it, every use of the type would be
/// another error.
pub(crate) fn stub(input: &Input, head: &TokenStream, items: &TokenStream) -> TokenStream {
    // The traits require `'static`. The error at the lifetime says so already.
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    quote_spanned!(span()=> #head { #items })
}

/// Returns a type as text, as in the source.
pub(crate) fn written(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let tight =
        [(" < ", "<"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("( ", "("), (" )", ")"), (" ;", ";")];
    tight.iter().fold(text, |text, (loose, tight)| text.replace(loose, tight))
}
