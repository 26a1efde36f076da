//! The parts that the parsers of all attributes share: numbers, skipped values, and the keys in
//! messages.

use proc_macro2::TokenTree;
use syn::parse::ParseStream;
use syn::{LitInt, Token};

use crate::errors::Errors;

/// A number and its literal, which errors point at.
pub(crate) struct Number<N> {
    pub(crate) value: N,
    pub(crate) literal: LitInt,
}

/// Reads a number. Reports one that is too large, and returns `None` so that the parser continues.
pub(crate) fn number<N>(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Number<N>>>
where
    N: TryFrom<u64>,
{
    let literal: LitInt = input.parse()?;
    let value = literal.base10_parse::<u64>().ok().and_then(|value| N::try_from(value).ok());
    if value.is_none() {
        let bits = 8 * size_of::<N>();
        match literal.base10_digits().starts_with('-') {
            true => errors.at(&literal, "this number cannot be negative"),
            false => errors.at(&literal, format_args!("this number takes more than {bits} bits")),
        }
    }
    Ok(value.map(|value| Number { value, literal }))
}

/// Skips the value of an unknown key.
pub(crate) fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Returns a list of keys for messages, with commas, and an "and" before the last one.
pub(crate) fn list(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match keys.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
