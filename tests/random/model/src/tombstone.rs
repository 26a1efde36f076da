//! Removed items as attributes describe them: a piece for each span of versions in which it
//! was the same.

use crate::body::{Record, Variant};
use crate::conversion::Conversion;
use crate::render::{Span, until};
use crate::value::Value;

/// The records of a struct or variant by version, from `first` on.
pub(crate) struct Records<'a> {
    pub(crate) first: usize,
    pub(crate) all: Vec<&'a Record>,
}

impl<'a> Records<'a> {
    pub(crate) fn at(&self, version: usize) -> &'a Record {
        self.all[version - self.first]
    }

    pub(crate) fn last(&self) -> usize {
        self.first + self.all.len() - 1
    }

    pub(crate) fn versions(&self) -> std::ops::RangeInclusive<usize> {
        self.first..=self.last()
    }
}

/// Returns the attributes of a field that the last version does not have.
pub(crate) fn field(records: &Records<'_>, id: u32) -> Vec<String> {
    let mut spans: Vec<(Span, String)> = Vec::new();
    for version in records.versions() {
        let record = records.at(version);
        let Some(position) = record.position(id) else { continue };
        let field = &record.fields[position];
        let text = format!("{}: {}", record.name(position), field.ty.rust());
        match spans.last_mut() {
            Some((span, last)) if *last == text && field.conversion.is_none() => span.until = version + 1,
            _ => spans.push((Span { since: version, until: version + 1 }, text)),
        }
    }
    let attribute = |(span, text): (Span, String)| format!("removed({text}{})", until(span, records.first));
    spans.into_iter().map(attribute).collect()
}

/// A variant in the versions that had it.
pub(crate) struct Gone<'a> {
    /// By version, from the first on.
    pub(crate) versions: Vec<(usize, &'a Variant)>,
    /// The successor, with holes for the fields of its last version.
    pub(crate) successor: &'a Value,
    /// The first version that the code reads.
    pub(crate) first: usize,
}

/// Returns the attributes of a variant that the last version does not have; `rust` writes a value
/// down.
pub(crate) fn variant(gone: &Gone<'_>, rust: impl Fn(&Value) -> String) -> Vec<String> {
    let mut spans: Vec<(Span, &Variant)> = Vec::new();
    for (version, variant) in &gone.versions {
        match spans.last_mut() {
            Some((span, last)) if same(last, variant) => (span.until, *last) = (version + 1, variant),
            _ => spans.push((Span { since: *version, until: version + 1 }, variant)),
        }
    }
    let attribute = |(span, variant): (Span, &Variant)| {
        let parameters: Vec<String> = (0..variant.record.fields.len()).map(|at| format!("_{at}")).collect();
        let value = gone.successor.fill(&holes(gone, span.until, &variant.record));
        format!(
            "removed({}{}, tag = {}{}, with = |{}| {})",
            variant.name,
            fields(&variant.record),
            variant.tag,
            until(span, gone.first),
            parameters.join(", "),
            rust(&value)
        )
    };
    spans.into_iter().map(attribute).collect()
}

fn same(one: &Variant, other: &Variant) -> bool {
    let converted = other.record.fields.iter().any(|field| field.conversion.is_some());
    !converted
        && one.name == other.name
        && one.record.ids() == other.record.ids()
        && fields(&one.record) == fields(&other.record)
}

/// Returns the fields of the last version as they come of those in a record before version `until`.
fn holes(gone: &Gone<'_>, until: usize, record: &Record) -> Vec<Value> {
    let (_, last) = gone.versions.last().expect("it was in some version");
    let later = || gone.versions.iter().filter(move |(version, _)| *version >= until);
    let hole = |field: &crate::body::Field| match record.position(field.id) {
        Some(position) => {
            let conversions =
                later().filter_map(|(_, variant)| variant.record.field(field.id)?.conversion.clone());
            Value::Hole(position, conversions.collect::<Vec<Conversion>>())
        }
        None => field.default.clone().expect("fields that are added have a default"),
    };
    last.record.fields.iter().map(hole).collect()
}

/// Returns the fields of a variant, as in its declaration.
pub(crate) fn fields(record: &Record) -> String {
    let ty = |at: usize| record.fields[at].ty.rust();
    let all = 0..record.fields.len();
    match record.fields.len() {
        0 => String::new(),
        _ if record.tuple => format!("({})", all.map(ty).collect::<Vec<_>>().join(", ")),
        _ => {
            let named: Vec<String> = all.map(|at| format!("{}: {}", record.name(at), ty(at))).collect();
            format!(" {{ {} }}", named.join(", "))
        }
    }
}
