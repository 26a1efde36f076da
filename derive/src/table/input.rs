//! The derive's view of a row: its key and its indexes, read from `#[table(…)]`.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DataStruct, DeriveInput, Error, Field, Fields, Ident, LitInt, LitStr, Path, Result,
    Token, Type, Visibility, parenthesized, token,
};

use super::names::{described, element, find, included_fields, last, last_name, layout_argument, words};

/// A row.
pub(crate) struct Table {
    /// The module of `graven` that generated code names.
    pub(crate) root: Path,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// The fields of the key.
    pub(crate) key: Vec<(Ident, Type)>,
    pub(crate) is_numbered: bool,
    pub(crate) indexes: Vec<Index>,
    pub(crate) references: Vec<Reference>,
    pub(crate) expires: Option<Expiry>,
    /// Fields whose paths have names that the program gave them.
    pub(crate) paths: Vec<(Ident, Ident)>,
}

/// The time at which a row expires.
pub(crate) struct Expiry {
    pub(crate) ty: Type,
    /// The position of its index.
    pub(crate) index: usize,
}

/// A reference to the rows of a table.
pub(crate) struct Reference {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    /// The type of the rows.
    pub(crate) target: Type,
    pub(crate) cascades: bool,
    /// The position of its index.
    pub(crate) index: usize,
}

/// An index.
pub(crate) struct Index {
    pub(crate) name: LitStr,
    pub(crate) is_unique: bool,
    pub(crate) values: Values,
    /// The function that says which rows have entries.
    pub(crate) only: Option<Path>,
    /// The fields that its entries have beside their values.
    pub(crate) included: Vec<(Ident, Type)>,
    /// `true` if it is made when the store is opened.
    pub(crate) is_made_at_upgrade: bool,
    /// The words that change when the entries do.
    pub(crate) definition: String,
}

/// The values of a row in an index.
pub(crate) enum Values {
    /// The values of fields, as one.
    Fields(Vec<(Ident, Type)>),
    /// The result of a function.
    By(Path, Type),
    /// Each value in a field.
    EachOf(Ident, Type),
    /// Each value that a function returns.
    EachBy(Path, Type),
}

/// The attributes of an index, as they are written.
#[derive(Default)]
struct Arguments {
    fields: Vec<Ident>,
    name: Option<LitStr>,
    by: Option<(Path, Type)>,
    /// A function, if `each` has one.
    each: Option<(Span, Option<(Path, Type)>)>,
    only: Option<Path>,
    included: Vec<Ident>,
    is_made_at_upgrade: bool,
    version: Option<LitInt>,
}

const TYPE_KEYS: &str = "`table` on a struct takes `index(…)`, `unique(…)`, `expires = field` and \
                         `crate = path`";
const FIELD_KEYS: &str = "`table` on a field takes `key`, `auto`, `index`, `unique` and `references(…)`";
const REFERENCE_KEYS: &str = "a reference names the type of the other rows, as in `references(Team)`, and takes \
                              `on_delete = restrict` or `on_delete = cascade`";
const INDEX_KEYS: &str = "an index takes names of fields, `by = function -> Type`, `each`, `each = function -> Type`, \
                          `where = function`, `include(…)`, `at_upgrade`, `name = \"…\"` and `version = …`";

/// Reads the attributes of a row.
pub(crate) fn read(input: &DeriveInput) -> Result<Table> {
    let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a row of a table is a struct with named fields"));
    };
    if !input.generics.params.is_empty() {
        let message = "a row of a table has no type parameters: its indexes are constants";
        return Err(Error::new_spanned(&input.generics, message));
    }
    let fields: Vec<&Field> = fields.named.iter().collect();
    let (mut root, mut keys, mut auto, mut indexes) = (None, Vec::new(), None, Vec::new());
    let (mut referring, mut expiring) = (Vec::new(), None);
    for field in &fields {
        let Some(ident) = &field.ident else { continue };
        each_argument(&field.attrs, |meta| {
            if meta.path.is_ident("key") {
                keys.push((ident.clone(), field.ty.clone()));
            } else if meta.path.is_ident("auto") {
                auto = Some((ident.clone(), meta.path.span()));
            } else if meta.path.is_ident("references") {
                if referring.iter().any(|(known, ..): &(&Field, Type, bool, Span)| known.ident == field.ident)
                {
                    return Err(meta.error("a field refers to the rows of one table"));
                }
                let (target, cascades) = reference(meta)?;
                referring.push((*field, target, cascades, meta.path.span()));
            } else if meta.path.is_ident("index") || meta.path.is_ident("unique") {
                let mut arguments = arguments(meta)?;
                if !arguments.fields.is_empty() {
                    return Err(meta.error("the index of a field names no fields: write it on the struct"));
                }
                if arguments.by.is_some() || matches!(arguments.each, Some((_, Some(_)))) {
                    return Err(meta.error("an index by a function is written on the struct"));
                }
                arguments.fields.push(ident.clone());
                indexes.push(index(meta.path.is_ident("unique"), meta.path.span(), arguments, &fields)?);
            } else {
                return Err(meta.error(FIELD_KEYS));
            }
            Ok(())
        })?;
    }
    each_argument(&input.attrs, |meta| {
        if meta.path.is_ident("crate") {
            root = Some(meta.value()?.call(Path::parse_mod_style)?);
        } else if meta.path.is_ident("expires") {
            let name: Ident = meta.value()?.parse()?;
            if expiring.replace((find(&name, &fields)?, name.span())).is_some() {
                return Err(meta.error("a row expires at the time of one field"));
            }
        } else if meta.path.is_ident("index") || meta.path.is_ident("unique") {
            let arguments = arguments(meta)?;
            indexes.push(index(meta.path.is_ident("unique"), meta.path.span(), arguments, &fields)?);
        } else {
            return Err(meta.error(TYPE_KEYS));
        }
        Ok(())
    })?;
    let is_numbered = auto.is_some();
    let mut references = Vec::new();
    for (field, target, cascades, span) in referring {
        references.push(indexed(field, target, cascades, span, &mut indexes, &fields)?);
    }
    let expires = match expiring {
        Some((field, span)) => {
            Some(Expiry { ty: field.ty.clone(), index: own_index(field, span, &mut indexes, &fields)? })
        }
        None => None,
    };
    check(input, &keys, auto, &indexes)?;
    let given = fields.iter().filter_map(|field| {
        let path = layout_argument(field, "field")?.to_token_stream();
        Some((field.ident.clone()?, syn::parse2(path).ok()?))
    });
    let paths = given.collect();
    let root = match root {
        Some(root) => syn::parse_quote!(#root::__private),
        None => syn::parse_quote!(::graven::__private),
    };
    let (ident, vis) = (input.ident.clone(), input.vis.clone());
    Ok(Table { root, ident, vis, key: keys, is_numbered, indexes, references, expires, paths })
}

fn check(
    input: &DeriveInput,
    keys: &[(Ident, Type)],
    auto: Option<(Ident, Span)>,
    indexes: &[Index],
) -> Result<()> {
    if keys.is_empty() {
        let message = "which field is the key? put `#[table(key)]` on it, or on each part of it";
        return Err(Error::new_spanned(&input.ident, message));
    }
    if let Some((numbered, span)) = auto {
        let [(key, ty)] = keys else {
            return Err(Error::new(span, "a number that the table gives is the whole key"));
        };
        if *key != numbered {
            return Err(Error::new(span, "a number that the table gives is the key: `#[table(key, auto)]`"));
        }
        if last_name(ty).is_none_or(|name| name != "u64") {
            return Err(Error::new_spanned(ty, "a number that the table gives is a `u64`"));
        }
    }
    for (at, index) in indexes.iter().enumerate() {
        let name = index.name.value();
        if indexes[..at].iter().any(|other| other.name.value() == name) {
            let message = format!("another index is called `{name}`: give one of them a `name = \"…\"`");
            return Err(Error::new(index.name.span(), message));
        }
        if name.is_empty() || name.len() > 100 || syn::parse_str::<Ident>(&name).is_err() {
            return Err(Error::new(
                index.name.span(),
                "the name of an index is an identifier of at most 100 bytes",
            ));
        }
    }
    Ok(())
}

/// Calls `read` with each argument of the `table` attributes.
fn each_argument(
    attributes: &[Attribute],
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("table"));
    ours.into_iter().try_for_each(|attribute| attribute.parse_nested_meta(|meta| read(&meta)))
}

/// Reads what stands in the parentheses of an index.
fn arguments(meta: &ParseNestedMeta<'_>) -> Result<Arguments> {
    let mut arguments = Arguments::default();
    if !meta.input.peek(token::Paren) {
        return Ok(arguments);
    }
    let content;
    parenthesized!(content in meta.input);
    while !content.is_empty() {
        let word = content.call(Ident::parse_any)?;
        let has_value = content.peek(Token![=]);
        if has_value {
            content.parse::<Token![=]>()?;
        }
        match (word.to_string().as_str(), has_value) {
            ("by", true) => arguments.by = Some(function(&content)?),
            ("each", true) => arguments.each = Some((word.span(), Some(function(&content)?))),
            ("each", false) => arguments.each = Some((word.span(), None)),
            ("where", true) => arguments.only = Some(content.call(Path::parse_mod_style)?),
            ("name", true) => arguments.name = Some(content.parse()?),
            ("version", true) => arguments.version = Some(content.parse()?),
            ("include", false) if content.peek(token::Paren) => {
                let names;
                parenthesized!(names in content);
                let names = names.parse_terminated(Ident::parse_any, Token![,])?;
                arguments.included.extend(names);
            }
            ("at_upgrade", false) => arguments.is_made_at_upgrade = true,
            (_, false) => arguments.fields.push(word),
            _ => return Err(Error::new(word.span(), INDEX_KEYS)),
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(arguments)
}

/// Reads what stands in the parentheses of a reference: the type of the rows, and whether a row
/// goes with the one that it refers to.
fn reference(meta: &ParseNestedMeta<'_>) -> Result<(Type, bool)> {
    if !meta.input.peek(token::Paren) {
        return Err(meta.error(REFERENCE_KEYS));
    }
    let content;
    parenthesized!(content in meta.input);
    let (target, mut cascades) = (content.parse()?, false);
    while !content.is_empty() {
        content.parse::<Token![,]>()?;
        let word = content.call(Ident::parse_any)?;
        if word != "on_delete" {
            return Err(Error::new(word.span(), REFERENCE_KEYS));
        }
        content.parse::<Token![=]>()?;
        let rule = content.call(Ident::parse_any)?;
        cascades = match rule.to_string().as_str() {
            "restrict" => false,
            "cascade" => true,
            _ => return Err(Error::new(rule.span(), REFERENCE_KEYS)),
        };
    }
    Ok((target, cascades))
}

/// Returns a reference with its index, which is added unless the field has one of all rows.
fn indexed(
    field: &Field,
    target: Type,
    cascades: bool,
    span: Span,
    indexes: &mut Vec<Index>,
    fields: &[&Field],
) -> Result<Reference> {
    let at = own_index(field, span, indexes, fields)?;
    let Some(ident) = field.ident.clone() else { return Err(Error::new(span, REFERENCE_KEYS)) };
    if let Some(index) = indexes.get_mut(at) {
        // The index is made anew with the reference, which checks the rows that exist.
        let name = last_name(&target).map(ToString::to_string).unwrap_or_default();
        index.definition = format!("{} references {name}", index.definition);
    }
    Ok(Reference { field: ident, ty: field.ty.clone(), target, cascades, index: at })
}

/// Returns the position of the index of all rows by one field, which is added if there is none.
fn own_index(field: &Field, span: Span, indexes: &mut Vec<Index>, fields: &[&Field]) -> Result<usize> {
    let Some(ident) = &field.ident else { return Err(Error::new(span, INDEX_KEYS)) };
    let is_own = |index: &Index| {
        let of_field = |fields: &[(Ident, Type)]| matches!(fields, [(name, _)] if name == ident);
        index.only.is_none() && matches!(&index.values, Values::Fields(fields) if of_field(fields))
    };
    if let Some(at) = indexes.iter().position(is_own) {
        return Ok(at);
    }
    let arguments = Arguments { fields: vec![ident.clone()], ..Arguments::default() };
    indexes.push(index(false, span, arguments, fields)?);
    Ok(indexes.len() - 1)
}

/// Reads a function and the type of its values, as in `lowercase -> String`.
fn function(content: syn::parse::ParseStream<'_>) -> Result<(Path, Type)> {
    let path = content.call(Path::parse_mod_style)?;
    content.parse::<Token![->]>().map_err(|error| {
        Error::new(
            error.span(),
            "the type of its values follows a function, as in `by = lowercase -> String`",
        )
    })?;
    Ok((path, content.parse()?))
}

fn index(is_unique: bool, span: Span, arguments: Arguments, fields: &[&Field]) -> Result<Index> {
    let Arguments { fields: names, name, by, each, only, included, is_made_at_upgrade, version } = arguments;
    let (values, words, default) = match (names.as_slice(), by, each) {
        ([], Some((path, ty)), None) => {
            let (words, default) = (format!("by {}", words(&path)), last(&path));
            (Values::By(path, ty), words, default)
        }
        ([], None, Some((_, Some((path, ty))))) => {
            let (words, default) = (format!("each by {}", words(&path)), last(&path));
            (Values::EachBy(path, ty), words, default)
        }
        ([name], None, Some((span, None))) => {
            let field = find(name, fields)?;
            let element = element(&field.ty).ok_or_else(|| {
                Error::new(span, "`each` is for a field with several values, such as `Vec<String>`")
            })?;
            (
                Values::EachOf(name.clone(), element),
                format!("each {}", described(name, field)),
                name.unraw().to_string(),
            )
        }
        ([_, ..], None, None) => {
            let found = names.iter().map(|name| find(name, fields)).collect::<Result<Vec<_>>>()?;
            let words = names.iter().zip(&found).map(|(name, field)| described(name, field));
            let words = words.collect::<Vec<_>>().join(", ");
            let default: Vec<String> = names.iter().map(|name| name.unraw().to_string()).collect();
            let types = names.iter().cloned().zip(found.iter().map(|field| field.ty.clone()));
            (Values::Fields(types.collect()), words, default.join("_"))
        }
        _ => return Err(Error::new(span, INDEX_KEYS)),
    };
    let mut definition = words;
    if let Some(only) = &only {
        definition = format!("{definition} where {}", self::words(only));
    }
    if let Some(version) = version {
        definition = format!("{definition} version {}", version.base10_parse::<u32>()?);
    }
    if definition.len() > 200 {
        return Err(Error::new(
            span,
            "the names in the definition of an index have at most 200 bytes together",
        ));
    }
    let name = name.unwrap_or_else(|| LitStr::new(&default, span));
    let included = included_fields(included, fields)?;
    Ok(Index { name, is_unique, values, only, included, is_made_at_upgrade, definition })
}
