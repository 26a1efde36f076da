//! Visits all versions in a history, for tools that compare code with code and code with a lock.
//! Opening a store needs none of this.

use super::types::{fields_of, variants_of};
use super::{Derived, EnumHistory, FieldHistory, History, StructHistory};
use crate::layout::stored::{OwnedField, OwnedLayout};

/// The number of latest versions that are visited even if no attribute mentions them.
const UNMENTIONED: u32 = 256;

/// A version of a derived type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeVersion {
    /// The name of the current type, even if a `previous` type reads the version.
    pub name: String,
    /// The version, or 0 for values from before the type had versions.
    pub version: u32,
    /// Its layout, with the current layouts of the types in it.
    pub layout: OwnedLayout,
    /// `true` for the current version.
    pub newest: bool,
}

/// A version, and the history that reads it.
pub(crate) struct VersionUse<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: u32,
    pub(crate) newest: bool,
    history: &'a History,
}

impl History {
    /// Returns a derived type's own versions, in ascending order.
    #[must_use]
    pub fn versions(&self) -> Vec<u32> {
        let Some(Derived { layout, first, .. }) = self.derived() else { return Vec::new() };
        let newest = layout.version().unwrap_or(0);
        let mut versions: Vec<u32> = (first.max(newest.saturating_sub(UNMENTIONED))..=newest).collect();
        let mut mention = |since: u32, until: u32| versions.extend([since, until]);
        match self {
            History::Struct(spec) => spec.fields.iter().for_each(|form| mention(form.since, form.until)),
            History::Enum(spec) => {
                for variant in spec.variants {
                    mention(variant.since, variant.until);
                    variant.fields.iter().for_each(|form| mention(form.since, form.until));
                }
            }
            _ => {}
        }
        versions.push(first);
        versions.retain(|version| (first..=newest).contains(version));
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// Visits all versions of all derived types in this history, the newest of each first.
    pub fn each_version(&self, found: &mut dyn FnMut(TypeVersion)) {
        self.each_use(&mut |VersionUse { name, version, newest, history }| {
            let layout = match version {
                0 => Some(OwnedLayout::from(history)),
                version => history.layout_of(version),
            };
            let name = name.to_owned();
            layout
                .into_iter()
                .for_each(|layout| found(TypeVersion { name: name.clone(), version, layout, newest }));
        });
    }

    /// Visits the same versions as [`each_version`](History::each_version), without their layouts.
    pub(crate) fn each_use(&self, found: &mut dyn FnMut(VersionUse<'_>)) {
        self.each_use_as(None, found);
    }

    fn each_use_as(&self, name: Option<&str>, found: &mut dyn FnMut(VersionUse<'_>)) {
        if let Some(Derived { layout, previous, .. }) = self.derived() {
            let (is_newest, name) = (name.is_none(), name.unwrap_or(layout.name()));
            for version in self.versions().into_iter().rev() {
                let newest = is_newest && layout.version() == Some(version);
                found(VersionUse { name, version, newest, history: self });
            }
            match previous {
                Some(previous) if previous.derived().is_some() => previous.each_use_as(Some(name), found),
                Some(previous) => {
                    found(VersionUse { name, version: 0, newest: false, history: previous });
                    previous.each_use(found);
                }
                None => {}
            }
        }
        self.parts(&mut |part| part.each_use(found));
    }

    /// Visits all derived types in this history, `previous` ones included, each with the name of
    /// the current type.
    pub(crate) fn each_derived<'a>(&'a self, found: &mut dyn FnMut(&'a History, &'a str)) {
        self.each_derived_as(None, found);
    }

    fn each_derived_as<'a>(&'a self, name: Option<&'a str>, found: &mut dyn FnMut(&'a History, &'a str)) {
        if let Some(Derived { layout, previous, .. }) = self.derived() {
            let name = name.unwrap_or(layout.name());
            found(self, name);
            if let Some(previous) = previous {
                previous.each_derived_as(Some(name).filter(|_| previous.derived().is_some()), found);
            }
        }
        self.parts(&mut |part| part.each_derived(found));
    }

    /// Visits the histories in this one, without those of `previous` types.
    fn parts(&self, part: &mut dyn FnMut(&'static History)) {
        match self {
            History::Plain(_) => {}
            History::Option(inner) | History::Vec(inner) | History::Array(inner, _) => part(inner),
            History::Result(ok, err) => [ok, err].into_iter().for_each(|inner| part(inner)),
            History::Tuple(parts) => parts.iter().for_each(|inner| part(inner)),
            History::Struct(spec) => spec.fields.iter().for_each(|form| part(form.history)),
            History::Enum(spec) => {
                spec.variants.iter().flat_map(|variant| variant.fields).for_each(|form| part(form.history));
            }
        }
    }

    /// Visits layouts that values may have been stored in, the current one first. Only one type at
    /// a time is in a previous version, so that each version is visited without all combinations.
    pub fn each_layout(&self, found: &mut dyn FnMut(OwnedLayout)) {
        match self {
            History::Plain(layout) => found(OwnedLayout::from(*layout)),
            History::Option(inner) => {
                inner.each_layout(&mut |inner| found(OwnedLayout::Option(Box::new(inner))));
            }
            History::Vec(inner) => inner.each_layout(&mut |inner| found(OwnedLayout::Vec(Box::new(inner)))),
            History::Array(inner, len) => {
                inner.each_layout(&mut |inner| found(OwnedLayout::Array(Box::new(inner), *len)));
            }
            History::Result(ok, err) => {
                let (newest_ok, newest_err) = (OwnedLayout::from(*ok), OwnedLayout::from(*err));
                ok.each_layout(&mut |ok| found(OwnedLayout::Result(ok.into(), newest_err.clone().into())));
                err.each_layout(&mut |err| found(OwnedLayout::Result(newest_ok.clone().into(), err.into())));
            }
            History::Tuple(parts) => {
                let newest: Vec<OwnedLayout> = parts.iter().map(|part| OwnedLayout::from(*part)).collect();
                for (index, part) in parts.iter().enumerate() {
                    part.each_layout(&mut |layout| {
                        let mut parts = newest.clone();
                        if let Some(part) = parts.get_mut(index) {
                            *part = layout;
                        }
                        found(OwnedLayout::Tuple(parts));
                    });
                }
            }
            History::Struct(_) | History::Enum(_) => self.each_derived_layout(found),
        }
    }

    fn each_derived_layout(&self, found: &mut dyn FnMut(OwnedLayout)) {
        let versions = self.versions();
        versions.iter().rev().filter_map(|version| self.layout_of(*version)).for_each(&mut *found);
        match self {
            History::Struct(spec) => struct_parts(spec, &versions, found),
            History::Enum(spec) => enum_parts(spec, &versions, found),
            _ => {}
        }
        if let Some(Derived { previous: Some(previous), .. }) = self.derived() {
            previous.each_layout(found);
        }
    }

    /// Visits the versions of all types in a stored layout.
    pub fn versions_in(&self, stored: &OwnedLayout, used: &mut dyn FnMut(&str, u32)) {
        self.versions_in_as(None, stored, used);
    }

    fn versions_in_as(&self, name: Option<&str>, stored: &OwnedLayout, used: &mut dyn FnMut(&str, u32)) {
        match (self, stored) {
            (History::Option(inner), OwnedLayout::Option(was))
            | (History::Vec(inner), OwnedLayout::Vec(was)) => {
                inner.versions_in(was, used);
            }
            (History::Array(inner, _), OwnedLayout::Array(was, _)) => inner.versions_in(was, used),
            (History::Result(ok, err), OwnedLayout::Result(was_ok, was_err)) => {
                ok.versions_in(was_ok, used);
                err.versions_in(was_err, used);
            }
            (History::Tuple(parts), OwnedLayout::Tuple(were)) => {
                parts.iter().zip(were).for_each(|(part, was)| part.versions_in(was, used));
            }
            _ => {
                let Some(Derived { layout, first, previous }) = self.derived() else { return };
                let name = name.unwrap_or(layout.name());
                match (stored.version(), previous) {
                    (Some(version), _) if version >= first => self.own_version_in(name, stored, used),
                    (_, Some(previous)) if previous.derived().is_some() => {
                        previous.versions_in_as(Some(name), stored, used);
                    }
                    (_, Some(previous)) => {
                        used(name, 0);
                        previous.versions_in(stored, used);
                    }
                    (_, None) => {}
                }
            }
        }
    }

    fn own_version_in(&self, name: &str, stored: &OwnedLayout, used: &mut dyn FnMut(&str, u32)) {
        let version = stored.version().unwrap_or(0);
        used(name, version);
        match (self, stored) {
            (History::Struct(spec), OwnedLayout::Struct { fields, .. }) => {
                fields_in(spec.fields, version, fields, used);
            }
            (History::Enum(spec), OwnedLayout::Enum { variants, .. }) => {
                for was in variants {
                    let form = spec.variants.iter().find(|form| form.is_in(version) && form.tag == was.tag);
                    form.into_iter().for_each(|form| fields_in(form.fields, version, &was.fields, used));
                }
            }
            _ => {}
        }
    }
}

fn fields_in(forms: &[FieldHistory], version: u32, fields: &[OwnedField], used: &mut dyn FnMut(&str, u32)) {
    for was in fields {
        let form = forms.iter().find(|form| form.is_in(version) && form.name == was.name);
        form.into_iter().for_each(|form| form.history.versions_in(&was.layout, used));
    }
}

/// Returns the last version that has a form. One version is enough to show its layouts.
fn last_with(versions: &[u32], form: &FieldHistory) -> Option<u32> {
    versions.iter().rev().copied().find(|version| form.is_in(*version))
}

/// Visits the fields of one version, with one form in each of its previous layouts.
fn field_layouts(
    forms: &[FieldHistory],
    form: &FieldHistory,
    version: u32,
    found: &mut dyn FnMut(Vec<OwnedField>),
) {
    let fields = fields_of(forms, version);
    let Some(index) = fields.iter().position(|field| field.name == form.name) else { return };
    let mut newest = true;
    form.history.each_layout(&mut |layout| {
        if !core::mem::take(&mut newest) {
            let mut fields = fields.clone();
            if let Some(field) = fields.get_mut(index) {
                field.layout = layout;
            }
            found(fields);
        }
    });
}

fn struct_parts(spec: &StructHistory, versions: &[u32], found: &mut dyn FnMut(OwnedLayout)) {
    for form in spec.fields {
        let Some(version) = last_with(versions, form) else { continue };
        let name = spec.layout.name();
        field_layouts(spec.fields, form, version, &mut |fields| {
            found(OwnedLayout::Struct { name: name.to_owned(), version, fields });
        });
    }
}

fn enum_parts(spec: &EnumHistory, versions: &[u32], found: &mut dyn FnMut(OwnedLayout)) {
    for variant in spec.variants {
        for form in variant.fields {
            let both: Vec<u32> = versions.iter().copied().filter(|version| variant.is_in(*version)).collect();
            let Some(version) = last_with(&both, form) else { continue };
            let variants = variants_of(spec.variants, version);
            let Some(index) = variants.iter().position(|other| other.tag == variant.tag) else { continue };
            field_layouts(variant.fields, form, version, &mut |fields| {
                let (name, mut variants) = (spec.layout.name().to_owned(), variants.clone());
                if let Some(variant) = variants.get_mut(index) {
                    variant.fields = fields;
                }
                found(OwnedLayout::Enum { name, version, variants });
            });
        }
    }
}
