//! The parser of `#[layout(…)]`.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token, Type, WherePredicate};

use crate::errors::Errors;
use crate::parsing::{Number, list, number, skip};
use crate::past::{self, Moved, Removed, Renamed, Was};

/// The item that an attribute is on. It decides which keys the attribute may have.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Type,
    Field,
    Variant,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Type => "a type",
            Place::Field => "a field",
            Place::Variant => "a variant",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Place::Type => &["version", "previous", "oldest", "removed", "moved", "name", "bound", "crate"],
            Place::Field => &["since", "default", "was", "renamed", "removed", "field"],
            Place::Variant => &["since", "tag", "renamed", "removed", "moved"],
        }
    }
}

/// The keys that may be given several times, each for another version.
const REPEATABLE: [&str; 4] = ["was", "renamed", "removed", "moved"];

/// The predicates of a `where` clause.
pub(crate) type Predicates = Punctuated<WherePredicate, Token![,]>;

/// The values of all attributes of one item. The [`Place`] decides which of them can be set.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) version: Option<Number<u32>>,
    pub(crate) previous: Option<Type>,
    pub(crate) oldest: Option<Number<u32>>,
    pub(crate) name: Option<LitStr>,
    pub(crate) root: Option<Path>,
    /// The bounds of the implementations, which replace those that the derive generates.
    pub(crate) bound: Option<Predicates>,
    pub(crate) since: Option<Number<u32>>,
    /// The key, which errors point at, and the value.
    pub(crate) default: Option<(Path, Expr)>,
    pub(crate) tag: Option<Number<u8>>,
    /// The name of the path to a field.
    pub(crate) field: Option<Ident>,
    pub(crate) was: Vec<Was>,
    pub(crate) renamed: Vec<Renamed>,
    pub(crate) removed: Vec<Removed>,
    pub(crate) moved: Vec<Moved>,
}

impl Arguments {
    /// Reads the `layout` attributes among `attributes`.
    pub(crate) fn parse(attributes: &[Attribute], place: Place, errors: &mut Errors) -> Arguments {
        let mut arguments = Arguments::default();
        let mut seen = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("layout")) {
            let parsed = attribute.parse_nested_meta(|meta| {
                let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                if !place.keys().contains(&key.as_str()) {
                    errors.at(&meta.path, unknown(&meta.path, place));
                    return skip(meta.input);
                }
                if seen.contains(&key) && !REPEATABLE.contains(&key.as_str()) {
                    errors.at(
                        &meta.path,
                        format_args!(
                            "`{key}` is given twice for the same {}",
                            place.name().trim_start_matches("a ")
                        ),
                    );
                    return skip(meta.input);
                }
                let parsed = arguments.value(&key, &meta, errors);
                seen.push(key);
                parsed
            });
            parsed.unwrap_or_else(|error| errors.push(error));
        }
        arguments
    }

    fn value(&mut self, key: &str, meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key {
            "was" => self.was.extend(past::was(meta, errors)?),
            "renamed" => self.renamed.extend(past::renamed(meta, errors)?),
            "removed" => self.removed.extend(past::removed(meta, errors)?),
            "moved" => self.moved.extend(past::moved(meta, errors)?),
            _ => self.assigned(key, meta, errors)?,
        }
        Ok(())
    }

    #[expect(clippy::unreachable, reason = "keys that a place does not list are refused before")]
    fn assigned(&mut self, key: &str, meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> syn::Result<()> {
        if !meta.input.peek(Token![=]) {
            return Err(syn::Error::new_spanned(&meta.path, format_args!("this is written `{key} = …`")));
        }
        let input = meta.value()?;
        match key {
            "version" => self.version = number(input, errors)?,
            "oldest" => self.oldest = number(input, errors)?,
            "since" => self.since = number(input, errors)?,
            "tag" => self.tag = number(input, errors)?,
            "name" => self.name = Some(input.parse()?),
            "bound" => {
                let text: LitStr = input.parse()?;
                self.bound = Some(text.parse_with(Predicates::parse_terminated)?);
            }
            "field" => self.field = Some(input.parse()?),
            "previous" => self.previous = Some(input.parse()?),
            "crate" => self.root = Some(input.call(Path::parse_mod_style)?),
            "default" => self.default = Some((meta.path.clone(), input.parse()?)),
            _ => unreachable!("places list no other keys"),
        }
        Ok(())
    }
}

fn unknown(path: &Path, place: Place) -> String {
    let key = quote::quote!(#path).to_string().replace(' ', "");
    let (on, known) = (place.name(), list(place.keys()));
    let elsewhere = [Place::Type, Place::Field, Place::Variant].into_iter();
    let elsewhere = elsewhere.filter(|other| other.keys().contains(&key.as_str()));
    match elsewhere.map(Place::name).collect::<Vec<_>>().join(" or ") {
        places if places.is_empty() => format!("unknown key `{key}`: `#[layout(…)]` on {on} knows {known}"),
        places => format!("`{key}` belongs on {places}: `#[layout(…)]` on {on} knows {known}"),
    }
}
