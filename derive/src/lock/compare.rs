//! Compares one version of a type with one entry of the lock.

use proc_macro2::Span;
use syn::Type;
use syn::spanned::Spanned;

use super::file::{Locked, LockedField, LockedVariant, Parts};
use crate::input::{Field, FieldForm, Input, RemovedVariant, Shape, Variant};

/// A difference, and the span that its error points at.
pub(super) struct Difference {
    pub(super) span: Span,
    pub(super) message: String,
}

/// The name that the layout of a type has to have.
pub(super) struct TypeIs {
    pub(super) ty: Type,
    pub(super) text: String,
    pub(super) message: String,
}

/// A field of one version of the code.
struct Now<'a> {
    name: &'a str,
    ty: &'a Type,
    span: Span,
    /// `true` if it was removed later: only `removed` describes it.
    gone: bool,
}

/// A variant of one version of the code.
struct NowVariant<'a> {
    name: &'a str,
    tag: u8,
    span: Span,
    /// `true` if it was removed later.
    gone: bool,
    fields: Vec<Now<'a>>,
}

/// The type and version that messages name.
struct Context<'a> {
    input: &'a Input,
    version: u32,
    /// The type or variant, as in `User` or `State::Paused`.
    of: String,
    /// The span for what is missing in the code.
    span: Span,
    differences: Vec<Difference>,
    types: Vec<TypeIs>,
}

pub(super) fn compare(input: &Input, locked: &Locked) -> (Vec<Difference>, Vec<TypeIs>) {
    let (differences, types) = (Vec::new(), Vec::new());
    let (span, of) = (input.ident.span(), input.name.clone());
    let mut context = Context { input, version: locked.version, of, span, differences, types };
    match (&input.shape, &locked.parts) {
        (Shape::Struct(record), Parts::Fields(were)) => {
            let now = fields(&record.fields, &record.forms, locked.version, span);
            context.fields(were, &now);
        }
        (Shape::Enum { variants, removed }, Parts::Variants(were)) => {
            context.variants(were, &self::variants(variants, removed, locked.version, span));
        }
        (Shape::Struct(_), _) => context.other_kind("an enum"),
        (Shape::Enum { .. }, _) => context.other_kind("a struct"),
    }
    (context.differences, context.types)
}

fn fields<'a>(fields: &'a [Field], forms: &'a [FieldForm], version: u32, outside: Span) -> Vec<Now<'a>> {
    let now = forms.iter().filter(|form| form.span.contains(version)).map(|form| Now {
        name: &form.name,
        ty: &form.ty,
        span: form.target.and_then(|target| fields.get(target)).map_or(outside, |field| field.source),
        gone: form.target.is_none(),
    });
    now.collect()
}

fn variants<'a>(
    variants: &'a [Variant],
    removed: &'a [RemovedVariant],
    version: u32,
    outside: Span,
) -> Vec<NowVariant<'a>> {
    let live = variants.iter().filter_map(|variant| {
        let (name, _) = variant.names.iter().find(|(_, life)| life.contains(version))?;
        let span = variant.source;
        let fields = fields(&variant.record.fields, &variant.record.forms, version, span);
        Some(NowVariant { name, tag: variant.tag, span, gone: false, fields })
    });
    let gone = removed.iter().filter(|gone| gone.span.contains(version)).map(|gone| {
        let fields = gone.fields.iter().map(|(name, ty)| Now { name, ty, span: ty.span(), gone: true });
        NowVariant { name: &gone.name, tag: gone.tag, span: outside, gone: true, fields: fields.collect() }
    });
    live.chain(gone).collect()
}

impl Context<'_> {
    fn differs(&mut self, span: Span, what: &str, how: &str) {
        let next = self.version + 1;
        let fix = if self.version == self.input.version {
            format!("make this version {next} and {how}")
        } else {
            how.to_owned()
        };
        let message = format!("{what}: a shipped layout may not change; {fix}");
        self.differences.push(Difference { span, message });
    }

    /// Returns the fix for something that the version did not have.
    fn absent(&self, gone: bool) -> String {
        let next = self.version + 1;
        match gone {
            true => format!("take it out of `removed(…)`, or say `since = {next}` there if it came later"),
            false => format!("add `since = {next}`"),
        }
    }

    /// Returns the fix for something that was called `was`.
    fn named(&self, was: &str, gone: bool) -> String {
        match gone {
            true => format!("let `removed(…)` call it `{was}`"),
            false if self.version == self.input.version => {
                format!("add `renamed({was}, until = {})`", self.version + 1)
            }
            false => format!("its name until then is for `renamed({was}, until = …)` to say"),
        }
    }

    fn subject(&self) -> String {
        format!("`{}` version {}", self.of, self.version)
    }

    fn other_kind(&mut self, kind: &str) {
        let what = format!("{} is {kind} in graven.lock", self.subject());
        self.differs(self.span, &what, "keep the old type for `previous = …`");
    }

    fn fields(&mut self, were: &[LockedField], now: &[Now<'_>]) {
        let next = self.version + 1;
        let gone: Vec<&LockedField> =
            were.iter().filter(|was| now.iter().all(|is| is.name != was.name)).collect();
        let new: Vec<&Now<'_>> = now.iter().filter(|is| were.iter().all(|was| was.name != is.name)).collect();
        match (gone.as_slice(), new.as_slice()) {
            ([], []) if were.iter().map(|was| was.name.as_str()).ne(now.iter().map(|is| is.name)) => {
                let names: Vec<&str> = were.iter().map(|was| was.name.as_str()).collect();
                let what = format!(
                    "the fields of {} stand in the order `{}` in graven.lock",
                    self.subject(),
                    names.join("`, `")
                );
                let how = format!("add `moved({}, until = {next})`", names.join(", "));
                self.differs(self.span, &what, &how);
            }
            ([was], [is]) if were.len() == now.len() => {
                let what = format!(
                    "field `{}` of {} is called `{}` in graven.lock",
                    is.name,
                    self.subject(),
                    was.name
                );
                self.differs(is.span, &what, &self.named(&was.name, is.gone));
            }
            _ => {
                for is in new {
                    let what = format!("field `{}` of {} is not in graven.lock", is.name, self.subject());
                    self.differs(is.span, &what, &self.absent(is.gone));
                }
                for LockedField { name, ty } in gone {
                    let what =
                        format!("field `{name}: {ty}` of {} is in graven.lock and gone here", self.subject());
                    self.differs(self.span, &what, &format!("add `removed({name}: {ty}, until = {next})`"));
                }
            }
        }
        for is in now {
            let Some(was) = were.iter().find(|was| was.name == is.name) else { continue };
            self.ty(was, is);
        }
    }

    fn ty(&mut self, was: &LockedField, is: &Now<'_>) {
        let next = self.version + 1;
        let (name, text) = (is.name, was.ty.clone());
        let what = format!("field `{name}` of {} is `{text}` in graven.lock", self.subject());
        let fix = if self.version == self.input.version {
            format!("make this version {next} and add `was({text}, until = {next})`")
        } else if is.gone {
            format!("let `removed(…)` say that it was `{text}`")
        } else {
            format!("its type until then is for `was({text}, until = …)` to say")
        };
        let message = format!("{what}: a shipped layout may not change; {fix}");
        self.types.push(TypeIs { ty: is.ty.clone(), text, message });
    }

    fn variants(&mut self, were: &[LockedVariant], now: &[NowVariant<'_>]) {
        for is in now {
            match were.iter().find(|was| was.name == is.name) {
                Some(was) if was.tag == is.tag => self.variant(was, is),
                Some(was) => self.retagged(was, is),
                None => self.new_variant(were, now, is),
            }
        }
        let new_name = |was: &LockedVariant| {
            now.iter().any(|is| is.tag == was.tag && were.iter().all(|other| other.name != is.name))
        };
        for was in were.iter().filter(|was| now.iter().all(|is| is.name != was.name) && !new_name(was)) {
            let what =
                format!("variant `{}` of {} is in graven.lock and gone here", was.name, self.subject());
            let how = format!(
                "add `removed({}, tag = {}, until = {}, with = …)`",
                was.declaration(),
                was.tag,
                self.version + 1
            );
            self.differs(self.span, &what, &how);
        }
    }

    /// Compares a variant whose name the lock does not have.
    fn new_variant(&mut self, were: &[LockedVariant], now: &[NowVariant<'_>], is: &NowVariant<'_>) {
        let subject = self.subject();
        let gone = |was: &&LockedVariant| now.iter().all(|other| other.name != was.name);
        match were.iter().find(|was| was.tag == is.tag).filter(gone) {
            Some(was) => {
                let what =
                    format!("variant `{}` of {subject} is called `{}` in graven.lock", is.name, was.name);
                self.differs(is.span, &what, &self.named(&was.name, is.gone));
            }
            None => {
                let what = format!("variant `{}` of {subject} is not in graven.lock", is.name);
                self.differs(is.span, &what, &self.absent(is.gone));
            }
        }
    }

    fn retagged(&mut self, was: &LockedVariant, is: &NowVariant<'_>) {
        let fix = match is.gone {
            true => format!("let `removed(…)` say `tag = {}`", was.tag),
            false => format!("add `#[layout(tag = {})]`, and put new variants behind the others", was.tag),
        };
        let message = format!(
            "variant `{}` of {} has tag {} in graven.lock, and {} here: {fix}",
            is.name,
            self.subject(),
            was.tag,
            is.tag
        );
        self.differences.push(Difference { span: is.span, message });
    }

    fn variant(&mut self, was: &LockedVariant, is: &NowVariant<'_>) {
        let inner = format!("{}::{}", self.input.name, is.name);
        let outer = (core::mem::replace(&mut self.of, inner), core::mem::replace(&mut self.span, is.span));
        self.fields(&was.fields, &is.fields);
        (self.of, self.span) = outer;
    }
}
