//! A type as the derives see it: checked, with versions and tags filled in.

use std::fmt;

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Expr, ExprLit, ExprUnary, Generics, Ident, Lit, Member, Path, Type, UnOp};

use crate::attributes::{Arguments, Number, Place};
use crate::errors::Errors;
use crate::supported;

/// What a type is derived for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    Layout,
    Key,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Purpose::Layout => "record",
            Purpose::Key => "key",
        })
    }
}

/// A type to derive for.
pub(crate) struct Input {
    /// Where `graven` is.
    pub(crate) root: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) version: u32,
    pub(crate) previous: Option<Type>,
    pub(crate) shape: Shape,
}

impl Input {
    /// The type's name, for people.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

pub(crate) enum Shape {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

pub(crate) struct Field {
    pub(crate) member: Member,
    /// The variable that holds the field where a variant is taken apart.
    pub(crate) local: Ident,
    /// As layouts know it.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) since: Option<u32>,
    pub(crate) default: Option<Expr>,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) tag: u8,
    pub(crate) since: Option<u32>,
    pub(crate) fields: Vec<Field>,
}

/// Reads and checks a type. Whatever is wrong goes to `errors`; the result is only good without any.
pub(crate) fn read(input: &DeriveInput, purpose: Purpose, errors: &mut Errors) -> Input {
    let Arguments { version, previous, root, .. } = Arguments::parse(&input.attrs, Place::Type, errors);
    let mut reader = Reader { owner: &input.ident, purpose, version: None, errors };
    reader.version(version.as_ref());
    reader.lifetimes(&input.generics);
    Input {
        root: root.unwrap_or_else(|| syn::parse_quote!(::graven)),
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        version: reader.version.unwrap_or(0),
        previous,
        shape: reader.shape(&input.data),
    }
}

/// Goes through a type.
struct Reader<'a> {
    owner: &'a Ident,
    purpose: Purpose,
    /// Unless it is missing, or keys are derived, which have none.
    version: Option<u32>,
    errors: &'a mut Errors,
}

impl Reader<'_> {
    fn version(&mut self, version: Option<&Number<u32>>) {
        match version {
            _ if self.purpose == Purpose::Key => {}
            Some(Number { value: 0, literal }) => self.errors.at(literal, "versions begin at 1"),
            Some(version) => self.version = Some(version.value),
            // What was meant to be the version has been reported where it stands.
            None if !self.errors.is_empty() => {}
            None => {
                let message = format_args!("`{}` needs a version: add `#[layout(version = 1)]`", self.owner);
                self.errors.at(self.owner, message);
            }
        }
    }

    fn lifetimes(&mut self, generics: &Generics) {
        for lifetime in generics.lifetimes() {
            let message =
                "stored values own their data: use `String` or `Vec<T>` instead of what is borrowed";
            self.errors.at(lifetime, message);
        }
    }

    fn shape(&mut self, data: &Data) -> Shape {
        match data {
            Data::Struct(data) => Shape::Struct(self.fields(&data.fields)),
            Data::Enum(data) => {
                if data.variants.is_empty() {
                    self.errors.at(self.owner, "an enum without variants has no values to store");
                }
                Shape::Enum(self.variants(data))
            }
            Data::Union(data) => {
                self.errors.at(data.union_token, "a union does not know what it holds: use an enum");
                Shape::Struct(Vec::new())
            }
        }
    }

    fn fields(&mut self, fields: &syn::Fields) -> Vec<Field> {
        let each = fields.iter().zip(fields.members()).enumerate();
        each.map(|(index, (field, member))| self.field(index, field, member)).collect()
    }

    fn field(&mut self, index: usize, field: &syn::Field, member: Member) -> Field {
        let Arguments { since, default, .. } = Arguments::parse(&field.attrs, Place::Field, self.errors);
        if let (Some((key, _)), None) = (&default, &since) {
            let message = "`default` is for values from before the field: add the version with `since = …`";
            self.errors.at(key, message);
        }
        supported::check(&field.ty, self.owner, self.purpose, self.errors);
        let name = match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        self.name(&name, &member);
        Field {
            member,
            local: format_ident!("field{index}", span = Span::mixed_site()),
            name,
            ty: field.ty.clone(),
            since: self.since(since),
            default: default.map(|(_, default)| default),
        }
    }

    /// Names take one byte for their length where they are stored.
    fn name(&mut self, name: &str, place: impl quote::ToTokens) {
        if name.len() > 255 {
            self.errors.at(place, "a name in a stable layout has at most 255 bytes");
        }
    }

    fn since(&mut self, since: Option<Number<u32>>) -> Option<u32> {
        let Number { value, literal } = since?;
        if self.purpose == Purpose::Key {
            return None;
        }
        if value < 2 {
            let message =
                "what has been there from version 1 on needs no `since`; later additions begin at 2";
            self.errors.at(&literal, message);
        } else if let Some(version) = self.version
            && value > version
        {
            let owner = self.owner;
            let message = format_args!(
                "`{owner}` has version {version}, so nothing is there since {value}: make it `version = {value}`"
            );
            self.errors.at(&literal, message);
        }
        Some(value)
    }

    fn variants(&mut self, data: &syn::DataEnum) -> Vec<Variant> {
        let mut variants: Vec<Variant> = Vec::new();
        let mut next = Some(0u8);
        let mut order = Order::default();
        for variant in &data.variants {
            let arguments = Arguments::parse(&variant.attrs, Place::Variant, self.errors);
            if let Some((_, discriminant)) = &variant.discriminant {
                self.discriminant(discriminant, arguments.tag.is_some());
            }
            if self.purpose == Purpose::Key && !order.rises(variant) {
                self.errors.at(
                    variant,
                    "keys are ordered as their variants are declared, `Ord` goes by the discriminants: make \
                     them rise",
                );
            }
            let tag = self.tag(variant, arguments.tag, next, &variants);
            next = tag.checked_add(1);
            let name = variant.ident.unraw().to_string();
            self.name(&name, &variant.ident);
            variants.push(Variant {
                ident: variant.ident.clone(),
                name,
                tag,
                since: self.since(arguments.since),
                fields: self.fields(&variant.fields),
            });
        }
        variants
    }

    /// Discriminants are the compiler's numbers, and say nothing about the stored byte.
    fn discriminant(&mut self, discriminant: &Expr, tagged: bool) {
        if self.purpose == Purpose::Layout && !tagged {
            let expression = quote::quote!(#discriminant);
            let message = format_args!(
                "a discriminant does not say which byte is stored: add `#[layout(tag = {expression})]`"
            );
            self.errors.at(discriminant, message);
        }
    }

    /// The variant's tag: the one it was given, or one more than that of the variant before.
    fn tag(
        &mut self,
        variant: &syn::Variant,
        given: Option<Number<u8>>,
        next: Option<u8>,
        before: &[Variant],
    ) -> u8 {
        let place = match &given {
            Some(tag) => tag.literal.span(),
            None => variant.ident.span(),
        };
        let Some(tag) = given.map(|tag| tag.value).or(next) else {
            self.errors.push(syn::Error::new(place, "no tag is left for this variant: tags end at 255"));
            return u8::MAX;
        };
        if let Some(other) = before.iter().find(|other| other.tag == tag) {
            let message = format_args!("tag {tag} already stands for `{}`", other.name);
            self.errors.push(syn::Error::new(place, message));
        } else if let Some(other) =
            before.last().filter(|other| other.tag > tag && self.purpose == Purpose::Key)
        {
            let message = format_args!(
                "keys are ordered by tag, and {tag} would put this variant before `{}`: make tags rise",
                other.name
            );
            self.errors.push(syn::Error::new(place, message));
        }
        tag
    }
}

/// Follows the discriminants of an enum, by which std's derived `Ord` compares.
#[derive(Default)]
struct Order {
    last: Option<i128>,
}

impl Order {
    /// Whether the next variant comes after the one before; what cannot be computed here counts as not.
    fn rises(&mut self, variant: &syn::Variant) -> bool {
        let value = match &variant.discriminant {
            Some((_, expression)) => integer(expression),
            None => Some(self.last.map_or(0, |last| last + 1)),
        };
        let rises = value.is_some_and(|value| self.last.is_none_or(|last| last < value));
        self.last = value.or(self.last);
        rises
    }
}

fn integer(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => integer(expr).map(|value| -value),
        _ => None,
    }
}
