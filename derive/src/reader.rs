//! The reader of a type with its attributes. It checks the type, and fills in versions and tags.

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Generics, Ident, Member, Path, Type};

use crate::attributes::{Arguments, Place};
use crate::errors::Errors;
use crate::input::{Field, Input, Purpose, Record, Shape};
use crate::parsing::Number;
use crate::past::{Moved, Removed, RemovedFieldAttribute, RemovedVariantAttribute, Renamed};
use crate::timeline::{self, VersionRange, VersionTracker};
use crate::{forms, order, supported};

/// Reads and checks a type. Adds problems to `errors`. The result is valid only if there are none.
pub(crate) fn read(input: &DeriveInput, purpose: Purpose, errors: &mut Errors) -> Input {
    let arguments = Arguments::parse(&input.attrs, Place::Type, errors);
    let Arguments { version, previous, oldest, name, root, bound, removed, moved, .. } = arguments;
    let mut reader = Reader { owner: &input.ident, purpose, tracker: VersionTracker::default(), errors };
    reader.version(version.as_ref());
    reader.oldest(oldest.as_ref(), previous.as_ref());
    reader.previous(previous.as_ref());
    reader.lifetimes(&input.generics);
    let name = reader.type_name(name.as_ref());
    let mut shape = reader.shape(&input.data, removed, &moved);
    // Keys have no history.
    if let (Purpose::Key, Shape::Enum { removed, .. }) = (purpose, &mut shape) {
        removed.clear();
    }
    if purpose == Purpose::Layout && reader.errors.is_empty() {
        reader.gaps(version.as_ref(), previous.is_some());
    }
    let VersionTracker { version, oldest, mentioned, .. } = reader.tracker;
    Input {
        root: private(root),
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        bound,
        name,
        version: version.unwrap_or(0),
        oldest,
        previous: previous.filter(|_| purpose == Purpose::Layout),
        mentioned,
        shape,
    }
}

/// Returns the module whose items generated code may name.
fn private(root: Option<Path>) -> Path {
    match root {
        Some(root) => syn::parse_quote!(#root::__private),
        None => syn::parse_quote!(::graven::__private),
    }
}

/// Returns a name with the span of generated code, so that lints on its use stay silent.
pub(crate) fn quiet(ident: &Ident) -> Ident {
    let mut quiet = ident.clone();
    quiet.set_span(Span::mixed_site().located_at(ident.span()));
    quiet
}

/// A reader that collects the versions and the errors of one type.
pub(crate) struct Reader<'a> {
    pub(crate) owner: &'a Ident,
    pub(crate) purpose: Purpose,
    pub(crate) tracker: VersionTracker,
    pub(crate) errors: &'a mut Errors,
}

impl Reader<'_> {
    fn version(&mut self, version: Option<&Number<u32>>) {
        match version {
            _ if self.purpose == Purpose::Key => {}
            Some(Number { value: 0, literal }) => self.errors.at(literal, "versions begin at 1"),
            // `u32::MAX` marks forms that have no end.
            Some(Number { value: u32::MAX, literal }) => {
                self.errors.at(literal, format_args!("versions end at {}", u32::MAX - 1));
            }
            Some(version) => self.tracker.version = Some(version.value),
            // An invalid version was reported at its literal.
            None if !self.errors.is_empty() => {}
            None => {
                let message = format_args!("`{}` needs a version: add `#[layout(version = 1)]`", self.owner);
                self.errors.at(self.owner, message);
            }
        }
    }

    fn oldest(&mut self, oldest: Option<&Number<u32>>, previous: Option<&Type>) {
        let Some(Number { value, literal }) = oldest else { return };
        if previous.is_some() {
            let message = "`previous` reads the versions before this type's own: leave `oldest` to it";
            self.errors.at(literal, message);
        } else if let Some(version) = self.tracker.version
            && *value > version
        {
            let message = format_args!("`{}` has version {version}: it cannot begin at {value}", self.owner);
            self.errors.at(literal, message);
        } else if *value == 0 {
            self.errors.at(literal, "versions begin at 1");
        }
        self.tracker.oldest = *value;
    }

    fn previous(&mut self, previous: Option<&Type>) {
        let Some(previous) = previous else { return };
        self.tracker.inherits = true;
        if self.purpose == Purpose::Layout && supported::holds(previous, self.owner) {
            let owner = self.owner;
            let message = format_args!(
                "`{owner}` cannot read what was before itself: keep the old type under another name, as in \
                 `previous = {owner}V1`"
            );
            self.errors.at(previous, message);
        }
    }

    /// Returns the name of the type in layouts.
    fn type_name(&mut self, name: Option<&syn::LitStr>) -> String {
        let Some(name) = name else {
            let name = self.owner.unraw().to_string();
            self.name(&name, self.owner);
            return name;
        };
        let text = name.value();
        if text.is_empty() {
            self.errors.at(name, "a type's name in its layout cannot be empty");
        } else if text.starts_with('#') || text.trim() != text || text.contains(char::is_control) {
            let message = "a type's name has a line of its own in graven.lock: it cannot begin with `#`, nor begin or end \
                           with a space, and has no control characters";
            self.errors.at(name, message);
        }
        self.name(&name.value(), name);
        name.value()
    }

    /// Reports a version without a change, if any attribute mentions a version at all.
    fn gaps(&mut self, version: Option<&Number<u32>>, previous: bool) {
        self.tracker.settle();
        let Some(Number { value: version, literal }) = version else { return };
        // Only the compiler knows the last version of `previous`. See `evolution`.
        if previous || self.tracker.mentioned.is_empty() {
            return;
        }
        if let Some(gap) =
            timeline::first_gap(&self.tracker.mentioned, self.tracker.oldest.saturating_add(1), *version)
        {
            let owner = self.owner;
            let message = match self.tracker.mentioned.first() {
                Some((first, _)) if *first > gap => format!(
                    "nothing says what version {gap} changed: mark it with `since`, `was`, `renamed`, `removed` \
                     or `moved`, or, if nothing older than version {} is stored, begin there: `oldest = {}`",
                    first - 1,
                    first - 1
                ),
                _ => format!(
                    "nothing says what version {gap} changed: versions count the layouts of `{owner}`, so leave \
                     it out, or mark the change with `since`, `was`, `renamed`, `removed` or `moved`"
                ),
            };
            self.errors.at(literal, message);
        }
    }

    fn lifetimes(&mut self, generics: &Generics) {
        for lifetime in generics.lifetimes() {
            let message =
                "stored values own their data: use `String` or `Vec<T>` instead of what is borrowed";
            self.errors.at(lifetime, message);
        }
    }

    fn shape(&mut self, data: &Data, removed: Vec<Removed>, moved: &[Moved]) -> Shape {
        match data {
            Data::Struct(data) => {
                let mut tombstones = self.field_tombstones(removed);
                Shape::Struct(self.record(&data.fields, &mut tombstones, moved, VersionRange::always()))
            }
            Data::Enum(data) => {
                if data.variants.is_empty() {
                    self.errors.at(self.owner, "an enum without variants has no values to store");
                }
                for moved in moved {
                    self.errors
                        .at(&moved.key, "variants are told apart by their tags: their order may change");
                }
                self.variants(data, removed)
            }
            Data::Union(data) => {
                self.errors.at(data.union_token, "a union does not know what it holds: use an enum");
                Shape::Struct(Record { fields: Vec::new(), forms: Vec::new() })
            }
        }
    }

    /// Reads fields. `last` are the removed fields that followed all others.
    pub(crate) fn record(
        &mut self,
        fields: &syn::Fields,
        last: &mut Vec<RemovedFieldAttribute>,
        moved: &[Moved],
        life: VersionRange,
    ) -> Record {
        let (mut live, mut slots) = (Vec::new(), Vec::new());
        for (index, (field, member)) in fields.iter().zip(fields.members()).enumerate() {
            let (field, renamed, removed) = self.field(index, field, member, life);
            for gone in removed {
                slots.extend(forms::tombstone(gone, &mut self.tracker, life, self.owner, self.errors));
            }
            let slot = forms::slot(&field, index, &renamed, &mut self.tracker, life, self.owner, self.errors);
            slots.extend(slot);
            live.push(field);
        }
        for gone in last.drain(..) {
            slots.extend(forms::tombstone(gone, &mut self.tracker, life, self.owner, self.errors));
        }
        let forms = match self.purpose {
            Purpose::Key => Vec::new(),
            Purpose::Layout => order::forms(slots, moved, &mut self.tracker, life, self.owner, self.errors),
        };
        Record { fields: live, forms }
    }

    fn field(
        &mut self,
        index: usize,
        field: &syn::Field,
        member: Member,
        life: VersionRange,
    ) -> (Field, Vec<Renamed>, Vec<RemovedFieldAttribute>) {
        let arguments = Arguments::parse(&field.attrs, Place::Field, self.errors);
        let Arguments { since, default, was, renamed, removed, field: path, .. } = arguments;
        if let (Some((key, _)), None) = (&default, &since) {
            let message = "`default` is for values from before the field: add the version with `since = …`";
            self.errors.at(key, message);
        }
        supported::check(&field.ty, self.owner, self.purpose, self.errors);
        was.iter().for_each(|was| self.past_type(&was.ty));
        if let Some(since) = since.as_ref().filter(|since| (2..=life.since).contains(&since.value)) {
            self.errors.at(&since.literal, forms::as_long_as_its_variant(life));
        }
        let name = match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        self.name(&name, &member);
        let (member, source) = match member {
            Member::Named(ident) => (Member::Named(quiet(&ident)), ident.span()),
            position @ Member::Unnamed(_) => (position, syn::spanned::Spanned::span(&field.ty)),
        };
        let field = Field {
            member,
            source,
            local: format_ident!("field{index}", span = Span::mixed_site()),
            name,
            ty: field.ty.clone(),
            vis: field.vis.clone(),
            path,
            since: self.since(since),
            default: default.map(|(_, default)| default),
            was: forms::latest_first(was),
        };
        (field, renamed, self.field_tombstones(removed))
    }

    /// Returns the removed fields, and reports removed variants among them.
    fn field_tombstones(&mut self, removed: Vec<Removed>) -> Vec<RemovedFieldAttribute> {
        let mut fields = Vec::new();
        for removed in removed {
            match removed {
                Removed::Field(field) => {
                    self.past_type(&field.ty);
                    fields.push(field);
                }
                Removed::Variant(RemovedVariantAttribute { name, .. }) => {
                    let message = format!(
                        "a field that was removed needs its type: `removed({}: …, until = …)`",
                        name.text
                    );
                    self.errors.push(syn::Error::new(name.span, message));
                }
            }
        }
        fields
    }

    /// Reports an earlier type that could never be stored.
    pub(crate) fn past_type(&mut self, ty: &Type) {
        if self.purpose == Purpose::Layout {
            supported::check(ty, self.owner, self.purpose, self.errors);
        }
    }

    /// Reports a name that is too long: descriptors store the length of a name in one byte.
    pub(crate) fn name(&mut self, name: &str, place: impl quote::ToTokens) {
        if name.len() > 255 {
            self.errors.at(place, "a name in a stable layout has at most 255 bytes");
        }
    }

    pub(crate) fn since(&mut self, since: Option<Number<u32>>) -> Option<u32> {
        let since = since?;
        match self.purpose {
            Purpose::Layout => Some(self.tracker.since(&since, self.owner, self.errors)),
            // The derive of `StableLayout` reports what is wrong with it.
            Purpose::Key => Some(since.value),
        }
    }
}
