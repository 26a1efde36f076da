//! The variants of an enum, including removed ones: their tags, names and fields.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitInt, UnOp};

use crate::attributes::{Arguments, Place};
use crate::forms;
use crate::input::{Purpose, RemovedVariant, Shape, Variant};
use crate::parsing::Number;
use crate::past::{Removed, RemovedFieldAttribute, RemovedVariantAttribute};
use crate::reader::{Reader, quiet};
use crate::timeline::VersionRange;

impl Reader<'_> {
    pub(crate) fn variants(&mut self, data: &syn::DataEnum, last: Vec<Removed>) -> Shape {
        let (mut variants, mut removed): (Vec<Variant>, Vec<RemovedVariant>) = (Vec::new(), Vec::new());
        let (mut tags, mut order, mut additions) = (Tags::default(), Order::default(), Vec::new());
        for variant in &data.variants {
            let mut arguments = Arguments::parse(&variant.attrs, Place::Variant, self.errors);
            let (gone, fields) = split(core::mem::take(&mut arguments.removed));
            for gone in gone {
                additions.extend(gone.since.as_ref().map(|since| (since.value, since.literal.clone())));
                removed.extend(self.variant_tombstone(gone, &mut tags));
            }
            self.numbering(variant, arguments.tag.is_some(), &mut order);
            additions.extend(arguments.since.as_ref().map(|since| (since.value, since.literal.clone())));
            variants.push(self.variant(variant, arguments, fields, &mut tags));
        }
        let (gone, fields) = split(last);
        for gone in gone {
            additions.extend(gone.since.as_ref().map(|since| (since.value, since.literal.clone())));
            removed.extend(self.variant_tombstone(gone, &mut tags));
        }
        for RemovedFieldAttribute { name, .. } in fields {
            let message = "fields of an enum belong to a variant: put this on the variant that had it";
            self.errors.push(syn::Error::new(name.span, message));
        }
        if self.purpose == Purpose::Layout && self.errors.is_empty() {
            self.never_empty(&variants, &removed, additions);
        }
        Shape::Enum { variants, removed }
    }

    /// Reports a version in which the enum has no variant: no value of it could have been stored.
    /// `additions` are the `since` attributes of variants.
    fn never_empty(
        &mut self,
        variants: &[Variant],
        gone: &[RemovedVariant],
        mut additions: Vec<(u32, LitInt)>,
    ) {
        let removed = gone.iter().map(|gone| gone.span);
        let lives: Vec<VersionRange> = variants
            .iter()
            .flat_map(|variant| &variant.names)
            .map(|(_, span)| *span)
            .chain(removed)
            .collect();
        // `previous` describes the versions that it reads.
        let first = (!self.tracker.inherits).then_some(self.tracker.oldest);
        let mut versions = self.tracker.mentioned.iter().map(|(version, _)| *version).chain(first);
        let Some(empty) = versions.find(|version| !lives.iter().any(|life| life.contains(*version))) else {
            return;
        };
        additions.sort_by_key(|(since, _)| *since);
        let Some((since, literal)) = additions.into_iter().find(|(since, _)| *since > empty) else { return };
        let message = format!(
            "`{}` had no variant in version {empty}: if it had one, say so by `removed(…, until = {since}, with = \
             …)`; otherwise this is there from version {empty} on",
            self.owner
        );
        self.errors.at(literal, message);
    }

    fn variant(
        &mut self,
        variant: &syn::Variant,
        arguments: Arguments,
        mut fields: Vec<RemovedFieldAttribute>,
        tags: &mut Tags,
    ) -> Variant {
        let Arguments { since, tag, renamed, moved, .. } = arguments;
        let name = variant.ident.unraw().to_string();
        self.name(&name, &variant.ident);
        let since = self.since(since);
        let life = VersionRange { since: since.unwrap_or(1), until: None };
        let place = tag.as_ref().map_or(variant.ident.span(), |tag| tag.literal.span());
        let names = forms::names(&name, &renamed, &mut self.tracker, life, self.owner, self.errors);
        let tag = self.tag(place, tag, &names, tags);
        let record = self.record(&variant.fields, &mut fields, &moved, life);
        for path in record.fields.iter().filter_map(|field| field.path.as_ref()) {
            self.errors.at(path, "only fields of structs have paths: a value may be of another variant");
        }
        Variant { ident: quiet(&variant.ident), source: variant.ident.span(), name, tag, names, record }
    }

    fn variant_tombstone(
        &mut self,
        gone: RemovedVariantAttribute,
        tags: &mut Tags,
    ) -> Option<RemovedVariant> {
        let RemovedVariantAttribute { name, fields, tag, since, until, with } = gone;
        let Some(with) = with else {
            let parameters = fields.iter().map(|_| "…").collect::<Vec<_>>().join(", ");
            let mut message =
                format!("say what becomes of values of this variant: add `with = |{parameters}| …`");
            if name.text.starts_with(char::is_lowercase) {
                message = format!("a field that was removed needs its type: `removed({}: …, …)`", name.text);
            }
            self.errors.push(syn::Error::new(name.span, message));
            return None;
        };
        fields.iter().for_each(|(_, ty)| self.past_type(ty));
        let span = self.tracker.life(since.as_ref(), &until, self.owner, self.errors)?;
        let place = tag.as_ref().map_or(name.span, |tag| tag.literal.span());
        let tag = self.tag(place, tag, &[(name.text.clone(), span)], tags);
        Some(RemovedVariant { name: name.text, tag, span, fields, with })
    }

    /// Checks the discriminant of a variant against its stored tag and its order.
    fn numbering(&mut self, variant: &syn::Variant, tagged: bool, order: &mut Order) {
        if let Some((_, discriminant)) = &variant.discriminant {
            self.discriminant(discriminant, tagged);
        }
        if self.purpose == Purpose::Key && !order.rises(variant) {
            let message = "keys are ordered as their variants are declared, `Ord` goes by the discriminants: \
                           make them rise";
            self.errors.at(variant, message);
        }
    }

    /// Reports a discriminant without a tag: it does not decide the stored byte.
    fn discriminant(&mut self, discriminant: &Expr, tagged: bool) {
        if self.purpose == Purpose::Layout && !tagged {
            // A tag is a literal of one byte, but a discriminant may be any expression.
            let tag = integer(discriminant).filter(|tag| (0..=255).contains(tag));
            let tag = tag.map_or_else(|| "…".to_owned(), |tag| tag.to_string());
            let message = format_args!(
                "a discriminant does not say which byte is stored: add `#[layout(tag = {tag})]`"
            );
            self.errors.at(discriminant, message);
        }
    }

    /// Returns the tag of a variant: the given one, or one more than the tag before. `names` are
    /// the names that the variant had, the newest last.
    fn tag(
        &mut self,
        place: Span,
        given: Option<Number<u8>>,
        names: &[(String, VersionRange)],
        tags: &mut Tags,
    ) -> u8 {
        let Some(tag) = given.map(|tag| tag.value).or(tags.next()) else {
            self.errors.push(syn::Error::new(place, "no tag is left for this variant: tags end at 255"));
            return u8::MAX;
        };
        if let Some(message) = tags.conflict(tag, names, self.purpose) {
            self.errors.push(syn::Error::new(place, message));
        }
        tags.used.push(Tag { tag, names: names.to_vec() });
        tag
    }
}

/// The tags that variants have or had, in the order of the declaration.
#[derive(Default)]
struct Tags {
    used: Vec<Tag>,
}

struct Tag {
    tag: u8,
    names: Vec<(String, VersionRange)>,
}

impl Tags {
    fn next(&self) -> Option<u8> {
        self.used.last().map_or(Some(0), |last| last.tag.checked_add(1))
    }

    /// Returns why a variant cannot have this tag or these names, if it cannot.
    fn conflict(&self, tag: u8, names: &[(String, VersionRange)], purpose: Purpose) -> Option<String> {
        let at_once = |used: &&Tag| used.names.iter().any(|(_, a)| names.iter().any(|(_, b)| a.overlaps(*b)));
        if let Some(other) = self.used.iter().filter(at_once).find(|used| used.tag == tag) {
            return Some(format!("tag {tag} already stands for `{}`", other.name()));
        }
        // Keys have no history, so removed variants do not count.
        let mut live = self.used.iter().rev().filter(|used| is_live(&used.names));
        if let Some(other) = live.next()
            && purpose == Purpose::Key
            && is_live(names)
            && other.tag > tag
        {
            let name = other.name();
            return Some(format!(
                "keys are ordered by tag, and {tag} would put this variant before `{name}`: make tags rise"
            ));
        }
        let taken = self.used.iter().flat_map(|used| &used.names);
        let mut pairs = taken.flat_map(|old| names.iter().map(move |new| (old, new)));
        let ((name, old), (_, new)) = pairs.find(|(old, new)| old.0 == new.0 && old.1.overlaps(new.1))?;
        let version = old.since.max(new.since);
        Some(format!("version {version} has two variants called `{name}`"))
    }
}

impl Tag {
    /// Returns the current name.
    fn name(&self) -> &str {
        self.names.last().map_or("", |(name, _)| name)
    }
}

/// Returns `true` if the current version has the variant with these names.
fn is_live(names: &[(String, VersionRange)]) -> bool {
    names.last().is_some_and(|(_, span)| span.until.is_none())
}

/// Separates removed variants from removed fields.
fn split(removed: Vec<Removed>) -> (Vec<RemovedVariantAttribute>, Vec<RemovedFieldAttribute>) {
    let (mut variants, mut fields) = (Vec::new(), Vec::new());
    for removed in removed {
        match removed {
            Removed::Variant(variant) => variants.push(variant),
            Removed::Field(field) => fields.push(field),
        }
    }
    (variants, fields)
}

/// The discriminants of an enum so far: std's derived `Ord` compares by them.
#[derive(Default)]
struct Order {
    last: Option<i128>,
}

impl Order {
    /// Returns `true` if the next discriminant is greater than the last one. A discriminant that is
    /// not a literal cannot be computed here, so it counts as not greater.
    fn rises(&mut self, variant: &syn::Variant) -> bool {
        let value = match &variant.discriminant {
            Some((_, expression)) => integer(expression),
            None => self.last.map_or(Some(0), |last| last.checked_add(1)),
        };
        let rises = value.is_some_and(|value| self.last.is_none_or(|last| last < value));
        self.last = value.or(self.last);
        rises
    }
}

fn integer(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_parse().ok(),
        Expr::Paren(inner) => integer(&inner.expr),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => integer(expr).map(|value| -value),
        _ => None,
    }
}
