//! Names in the attributes of a row: of its fields, of their paths, of types and functions.

use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Field, GenericArgument, Ident, Meta, Path, PathArguments, Result, Token, Type};

pub(super) fn find<'a>(name: &Ident, fields: &[&'a Field]) -> Result<&'a Field> {
    let found = fields.iter().find(|field| field.ident.as_ref() == Some(name));
    found.copied().ok_or_else(|| Error::new(name.span(), format!("there is no field `{name}`")))
}

/// Returns the fields that an index includes, each of them once.
pub(super) fn included_fields(names: Vec<Ident>, fields: &[&Field]) -> Result<Vec<(Ident, Type)>> {
    let mut included: Vec<(Ident, Type)> = Vec::with_capacity(names.len());
    for name in names {
        let field = find(&name, fields)?;
        if included.iter().any(|(known, _)| *known == name) {
            return Err(Error::new(name.span(), format!("`{name}` is included twice")));
        }
        included.push((name, field.ty.clone()));
    }
    Ok(included)
}

/// Returns the name of the path to a field, which is a constant of the row's type.
/// `given` are the names that the program gave to some.
pub(super) fn path(name: &Ident, given: &[(Ident, Ident)]) -> Ident {
    let given = given.iter().find(|(field, _)| field == name).map(|(_, path)| path.clone());
    given.unwrap_or_else(|| format_ident!("{}", name.unraw().to_string().to_uppercase()))
}

/// Returns the value of an argument of the `layout` attributes of a field.
pub(super) fn layout_argument(field: &Field, name: &str) -> Option<Expr> {
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("layout")) {
        let Meta::List(list) = &attribute.meta else { continue };
        let arguments = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        // The derive of the layout reports what it cannot read.
        for argument in arguments.unwrap_or_default() {
            if let Meta::NameValue(pair) = argument
                && pair.path.is_ident(name)
            {
                return Some(pair.value);
            }
        }
    }
    None
}

/// Returns the name of a field, and the version since which it exists: a field that was removed and
/// came back under the same name has other values.
pub(super) fn described(name: &Ident, field: &Field) -> String {
    match layout_argument(field, "since") {
        Some(since) => format!("{} since {}", name.unraw(), since.to_token_stream()),
        None => name.unraw().to_string(),
    }
}

/// Returns the type of the elements of a `Vec<T>` and the like.
pub(super) fn element(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(element) => Some(element.clone()),
        _ => None,
    }
}

/// Returns the last name of a type's path.
pub(super) fn last_name(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

pub(super) fn words(path: &Path) -> String {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    names.join("::")
}

pub(super) fn last(path: &Path) -> String {
    path.segments.last().map_or_else(String::new, |segment| segment.ident.unraw().to_string())
}
