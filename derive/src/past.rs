//! The parsers of the attributes that describe earlier versions: `was`, `renamed`, `removed`,
//! `moved`. `timeline` checks whether they agree with each other.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseBuffer, ParseStream};
use syn::{Expr, Ident, LitInt, LitStr, Path, Token, Type, braced, parenthesized, token};

use crate::errors::Errors;
use crate::parsing::{Number, list, number, skip};

/// `was(Type, until = N, with = conversion)`: the type of a field before version `N`.
pub(crate) struct Was {
    pub(crate) ty: Type,
    pub(crate) until: Number<u32>,
    pub(crate) with: Option<Expr>,
}

/// `renamed(name, until = N)`: the name of a field or variant before version `N`.
pub(crate) struct Renamed {
    pub(crate) name: Name,
    pub(crate) until: Number<u32>,
}

/// `removed(…, until = N)`: a field or a variant.
pub(crate) enum Removed {
    Field(RemovedFieldAttribute),
    Variant(RemovedVariantAttribute),
}

/// `removed(name: Type, since = M, until = N)`: a field that version `N` no longer has.
pub(crate) struct RemovedFieldAttribute {
    pub(crate) name: Name,
    pub(crate) ty: Type,
    pub(crate) since: Option<Number<u32>>,
    pub(crate) until: Number<u32>,
}

/// `removed(Name(Type), since = M, until = N, with = conversion)`: a variant that version `N` no
/// longer has.
pub(crate) struct RemovedVariantAttribute {
    pub(crate) name: Name,
    pub(crate) fields: Vec<(String, Type)>,
    pub(crate) tag: Option<Number<u8>>,
    pub(crate) since: Option<Number<u32>>,
    pub(crate) until: Number<u32>,
    pub(crate) with: Option<Expr>,
}

/// `moved(a, b, until = N)`: the order of the fields before version `N`.
pub(crate) struct Moved {
    pub(crate) key: Path,
    pub(crate) names: Vec<Name>,
    pub(crate) until: Number<u32>,
}

/// The name of a field or variant, or the position of a field in a tuple.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Name> {
        if input.peek(LitInt) {
            let index: LitInt = input.parse()?;
            return Ok(Name { text: index.base10_digits().to_owned(), span: index.span() });
        }
        if input.peek(LitStr) {
            return Err(input.error("names stand here as in the code, without quotation marks"));
        }
        let ident = input.call(Ident::parse_any)?;
        let text = ident.unraw().to_string();
        if text.len() > 255 {
            return Err(syn::Error::new(ident.span(), "a name in a stable layout has at most 255 bytes"));
        }
        Ok(Name { text, span: ident.span() })
    }
}

/// The options after the first argument.
#[derive(Default)]
struct Options {
    since: Option<Number<u32>>,
    until: Option<Number<u32>>,
    tag: Option<Number<u8>>,
    with: Option<Expr>,
    failed: bool,
}

impl Options {
    /// Reads `, key = value` up to the end, after the first argument of `of`. `known` are the keys
    /// that `of` takes.
    fn parse(of: &Path, input: ParseStream<'_>, known: &[&str], errors: &mut Errors) -> syn::Result<Options> {
        let (mut options, mut seen) = (Options::default(), Vec::new());
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key = input.call(Ident::parse_any)?;
            let name = key.to_string();
            if !known.contains(&name.as_str()) || seen.contains(&name) {
                let of = of.to_token_stream();
                match seen.contains(&name) {
                    true => errors.at(&key, format_args!("`{name}` is given twice for the same `{of}`")),
                    false => {
                        errors
                            .at(&key, format_args!("unknown key `{name}`: `{of}(…)` knows {}", list(known)));
                    }
                }
                options.failed = true;
                skip(input)?;
                continue;
            }
            input.parse::<Token![=]>()?;
            options.value(&name, input, errors)?;
            seen.push(name);
        }
        Ok(options)
    }

    fn value(&mut self, key: &str, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key {
            "since" => self.since = self.number(input, errors)?,
            "until" => self.until = self.number(input, errors)?,
            "tag" => self.tag = self.number(input, errors)?,
            _ => self.with = Some(input.parse()?),
        }
        Ok(())
    }

    /// Reads a number. One that is too large was reported, so the option does not count as missing.
    fn number<N: TryFrom<u64>>(
        &mut self,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> syn::Result<Option<Number<N>>> {
        let number = number(input, errors)?;
        self.failed |= number.is_none();
        Ok(number)
    }

    /// Returns `until`, or reports that it is missing.
    fn until(&mut self, key: &Path, errors: &mut Errors) -> Option<Number<u32>> {
        if self.until.is_none() && !self.failed {
            let name = key.to_token_stream();
            errors.at(key, format_args!("`{name}` needs the version that ended it: add `until = …`"));
        }
        self.until.take()
    }
}

/// Returns the contents of the parentheses. `form` shows in the error how the attribute is written.
fn arguments<'a>(meta: &ParseNestedMeta<'a>, form: &str) -> syn::Result<ParseBuffer<'a>> {
    let wrong = || syn::Error::new_spanned(&meta.path, format_args!("this is written `{form}`"));
    if !meta.input.peek(token::Paren) {
        return Err(wrong());
    }
    let content;
    parenthesized!(content in meta.input);
    let begins_with_an_option = content.peek(Ident::peek_any) && content.peek2(Token![=]);
    if content.is_empty() || begins_with_an_option { Err(wrong()) } else { Ok(content) }
}

pub(crate) fn was(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<Was>> {
    let input = arguments(meta, "was(Type, until = …)")?;
    let ty = input.parse()?;
    let mut options = Options::parse(&meta.path, &input, &["until", "with"], errors)?;
    let until = options.until(&meta.path, errors);
    Ok(until.map(|until| Was { ty, until, with: options.with }))
}

pub(crate) fn renamed(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<Renamed>> {
    let input = arguments(meta, "renamed(name, until = …)")?;
    let name = input.parse()?;
    let mut options = Options::parse(&meta.path, &input, &["until"], errors)?;
    Ok(options.until(&meta.path, errors).map(|until| Renamed { name, until }))
}

pub(crate) fn moved(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<Moved>> {
    let input = arguments(meta, "moved(first, second, until = …)")?;
    let mut names = vec![input.parse()?];
    while is_name(&input) {
        input.parse::<Token![,]>()?;
        names.push(input.parse()?);
    }
    let mut options = Options::parse(&meta.path, &input, &["until"], errors)?;
    let until = options.until(&meta.path, errors);
    Ok(until.map(|until| Moved { key: meta.path.clone(), names, until }))
}

/// Returns `true` if a name follows, and not an option.
fn is_name(input: &ParseBuffer<'_>) -> bool {
    let name = input.peek2(Ident::peek_any) || input.peek2(LitInt);
    input.peek(Token![,]) && name && !input.peek3(Token![=])
}

pub(crate) fn removed(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<Option<Removed>> {
    let input = arguments(meta, "removed(…, until = …)")?;
    let name: Name = input.parse()?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let mut options = Options::parse(&meta.path, &input, &["since", "until"], errors)?;
        let until = options.until(&meta.path, errors);
        return Ok(until.map(|until| {
            Removed::Field(RemovedFieldAttribute { name, ty, since: options.since.take(), until })
        }));
    }
    let fields = variant_fields(&input)?;
    let mut options = Options::parse(&meta.path, &input, &["since", "until", "tag", "with"], errors)?;
    let until = options.until(&meta.path, errors);
    let Options { since, tag, with, failed, .. } = options;
    Ok(until
        .filter(|_| !failed)
        .map(|until| Removed::Variant(RemovedVariantAttribute { name, fields, tag, since, until, with })))
}

/// Reads the fields of a variant, written as in its declaration.
fn variant_fields(input: &ParseBuffer<'_>) -> syn::Result<Vec<(String, Type)>> {
    let content;
    if input.peek(token::Paren) {
        parenthesized!(content in input);
        let types = content.parse_terminated(Type::parse, Token![,])?;
        return Ok(types.into_iter().enumerate().map(|(index, ty)| (index.to_string(), ty)).collect());
    }
    if !input.peek(token::Brace) {
        return Ok(Vec::new());
    }
    braced!(content in input);
    let mut fields: Vec<(String, Type)> = Vec::new();
    while !content.is_empty() {
        let name: Name = content.parse()?;
        content.parse::<Token![:]>()?;
        if fields.iter().any(|(other, _)| *other == name.text) {
            return Err(syn::Error::new(
                name.span,
                format_args!("the variant has two fields called `{}`", name.text),
            ));
        }
        fields.push((name.text, content.parse()?));
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(fields)
}
