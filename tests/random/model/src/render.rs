//! A type of a release in Rust, with the attributes that tell its history: found by comparing its
//! versions, as someone would who had forgotten how they came about.

use std::fmt::Write;

use crate::body::{Body, Record, Successor, Variant, Version};
use crate::constant;
use crate::tombstone::{self, Gone, Records};
use crate::value::Value;

/// Versions from `since` on, up to but not including `until`.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) since: usize,
    pub(crate) until: usize,
}

/// `, since = …, until = …`; what has been there from the first version on has no `since`.
pub(crate) fn until(Span { since, until }: Span, first: usize) -> String {
    let since = if since == first { String::new() } else { format!(", since = {since}") };
    format!("{since}, until = {until}")
}

/// The versions that one Rust type describes.
pub(crate) struct Segment<'a> {
    /// Its name.
    pub(crate) name: String,
    /// All versions of the type.
    pub(crate) all: &'a [Version],
    /// The first version that it reads.
    pub(crate) first: usize,
    /// Its own version.
    pub(crate) last: usize,
    pub(crate) generic: bool,
    /// The type that reads what is older, and that type's last version.
    pub(crate) previous: Option<(String, usize)>,
}

impl<'a> Segment<'a> {
    fn version(&self, version: usize) -> &'a Version {
        &self.all[version - 1]
    }

    fn newest(&self) -> &'a Version {
        self.version(self.last)
    }

    fn parameter(&self) -> &'static str {
        if self.generic { "<P>" } else { "" }
    }

    /// Returns the records of a struct or variant up to the last version.
    fn records(&self, variant: Option<u32>) -> Records<'a> {
        let records = (self.first..=self.last)
            .filter_map(|version| Some((version, self.version(version).body.record(variant)?)));
        let records: Vec<_> = records.collect();
        Records { first: records[0].0, all: records.into_iter().map(|(_, record)| record).collect() }
    }

    /// Returns the whole type, and the conversion of the previous one.
    pub(crate) fn source(&self) -> String {
        let mut out = String::from("#[derive(StableLayout)]\n");
        let mut first = format!("version = {}", self.last);
        match &self.previous {
            Some((previous, _)) => write!(first, ", previous = {previous}{}", self.parameter()),
            None if self.first > 1 => write!(first, ", oldest = {}", self.first),
            None => Ok(()),
        }
        .unwrap();
        attribute(&mut out, "", &first);
        match &self.newest().body {
            Body::Struct(record) => self.structure(record, &mut out),
            Body::Enum(variants) => self.enumeration(variants, &mut out),
        }
        if let Some((previous, last)) = &self.previous {
            self.from(previous, &self.version(*last).body, &mut out);
        }
        out
    }

    fn structure(&self, record: &Record, out: &mut String) {
        let Fields { fields, rest } = fields(&self.records(None));
        rest.iter().for_each(|text| attribute(out, "", text));
        let (name, parameter) = (&self.name, self.parameter());
        if record.tuple {
            writeln!(out, "pub struct {name}{parameter}(").unwrap();
        } else {
            writeln!(out, "pub struct {name}{parameter} {{").unwrap();
        }
        for (at, attributes) in fields.iter().enumerate() {
            attributes.iter().for_each(|text| attribute(out, "    ", text));
            let ty = record.fields[at].ty.rust();
            let name = if record.tuple { String::new() } else { format!("{}: ", record.name(at)) };
            writeln!(out, "    pub {name}{ty},").unwrap();
        }
        out.push_str(if record.tuple { ");\n" } else { "}\n" });
    }

    fn enumeration(&self, variants: &[Variant], out: &mut String) {
        self.tombstones().iter().for_each(|text| attribute(out, "", text));
        writeln!(out, "pub enum {}{} {{", self.name, self.parameter()).unwrap();
        let mut tag = 0;
        for variant in variants {
            let records = self.records(Some(variant.id));
            let Fields { fields, rest } = fields(&records);
            let since = (records.first > self.first).then(|| format!("since = {}", records.first));
            let tag_given = (variant.tag != tag).then(|| format!("tag = {}", variant.tag));
            tag = variant.tag + 1;
            let names =
                (records.first..=self.last).map(|version| self.variant(version, variant.id).name.clone());
            let renamed = renamed(&names.collect::<Vec<_>>(), records.first);
            let all = since.into_iter().chain(tag_given).chain(renamed).chain(rest);
            all.for_each(|text| attribute(out, "    ", &text));
            let record = &variant.record;
            if record.fields.is_empty() {
                writeln!(out, "    {},", variant.name).unwrap();
                continue;
            }
            writeln!(out, "    {}{}", variant.name, if record.tuple { "(" } else { " {" }).unwrap();
            for (at, attributes) in fields.iter().enumerate() {
                attributes.iter().for_each(|text| attribute(out, "        ", text));
                let name = if record.tuple { String::new() } else { format!("{}: ", record.name(at)) };
                writeln!(out, "        {name}{},", record.fields[at].ty.rust()).unwrap();
            }
            out.push_str(if record.tuple { "    ),\n" } else { "    },\n" });
        }
        out.push_str("}\n");
    }

    fn variant(&self, version: usize, id: u32) -> &'a Variant {
        self.variants(version).find(|variant| variant.id == id).expect("the version has the variant")
    }

    fn variants(&self, version: usize) -> impl Iterator<Item = &'a Variant> {
        let variants = match &self.version(version).body {
            Body::Enum(variants) => variants.as_slice(),
            Body::Struct(_) => &[],
        };
        variants.iter()
    }

    /// Returns the attributes of variants that are no longer there.
    fn tombstones(&self) -> Vec<String> {
        let mut out = Vec::new();
        for Successor { variant, value } in &self.newest().gone {
            let id = variant.expect("variants are removed, structs are not");
            let versions = (self.first..=self.last).filter_map(|version| {
                self.variants(version).find(|variant| variant.id == id).map(|variant| (version, variant))
            });
            let gone = Gone { versions: versions.collect(), successor: value, first: self.first };
            if !gone.versions.is_empty() {
                out.extend(tombstone::variant(&gone, |value| self.value(value)));
            }
        }
        out
    }

    /// `impl From<Previous>`.
    fn from(&self, previous: &str, body: &Body, out: &mut String) {
        let (name, parameter) = (&self.name, self.parameter());
        let bounded = if self.generic { "<P: StableLayout>" } else { "" };
        writeln!(out, "impl{bounded} From<{previous}{parameter}> for {name}{parameter} {{").unwrap();
        writeln!(out, "    fn from(old: {previous}{parameter}) -> Self {{\n        match old {{").unwrap();
        for Successor { variant, value } in &self.newest().origin {
            let record = body.record(*variant).expect("the variant is there");
            let variant = variant.map(|id| {
                let Body::Enum(variants) = body else { panic!("only enums have variants") };
                variants.iter().find(|variant| variant.id == id).expect("the variant is there")
            });
            let path = variant.map_or(previous.to_owned(), |variant| format!("{previous}::{}", variant.name));
            let pattern = construct(&path, record, |at| format!("_{at}"));
            writeln!(out, "            {pattern} => {},", self.value(value)).unwrap();
        }
        out.push_str("        }\n    }\n}\n");
    }

    /// Returns a value of this type; holes are called by their positions.
    fn value(&self, value: &Value) -> String {
        let (variant, fields) = match value {
            Value::Struct(fields) => (None, fields),
            Value::Enum(id, fields) => (Some(*id), fields),
            other => panic!("no value of the type: {other:?}"),
        };
        let record = self.newest().body.record(variant).expect("the variant is there");
        let path = match variant {
            Some(id) => format!("{}::{}", self.name, self.variant(self.last, id).name),
            None => self.name.clone(),
        };
        construct(&path, record, |at| {
            let field = &record.fields[at];
            let (_, value) = fields.iter().find(|(id, _)| *id == field.id).expect("all fields have values");
            match value {
                Value::Hole(at, conversions) => {
                    conversions.iter().fold(format!("_{at}"), |old, conversion| conversion.rust(&old))
                }
                constant => constant::rust(constant, &field.ty),
            }
        })
    }
}

/// `Path { a: …, b: … }` or `Path(…, …)`.
fn construct(path: &str, record: &Record, field: impl Fn(usize) -> String) -> String {
    let all = 0..record.fields.len();
    match record.fields.len() {
        0 => path.to_owned(),
        _ if record.tuple => format!("{path}({})", all.map(field).collect::<Vec<_>>().join(", ")),
        _ => {
            let named: Vec<String> = all.map(|at| format!("{}: {}", record.name(at), field(at))).collect();
            format!("{path} {{ {} }}", named.join(", "))
        }
    }
}

fn attribute(out: &mut String, indent: &str, text: &str) {
    writeln!(out, "{indent}#[layout({text})]").unwrap();
}

/// `renamed(…)` for each name that something had, by version.
fn renamed(names: &[String], first: usize) -> Vec<String> {
    let pairs = names.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
    pairs.map(|(at, pair)| format!("renamed({}, until = {})", pair[0], first + at + 1)).collect()
}

/// The attributes of a record's fields, and those that stand on the record as a whole.
struct Fields {
    fields: Vec<Vec<String>>,
    rest: Vec<String>,
}

fn fields(records: &Records<'_>) -> Fields {
    let newest = records.at(records.last());
    let settled = settled(records);
    let mut out = Fields { fields: Vec::new(), rest: Vec::new() };
    let mut waiting: Vec<String> = Vec::new();
    for id in sequence(records, settled) {
        match newest.position(id) {
            None => waiting.extend(tombstone::field(records, id)),
            Some(_) => {
                let mut attributes = std::mem::take(&mut waiting);
                attributes.extend(field(records, id));
                out.fields.push(attributes);
            }
        }
    }
    out.rest = waiting;
    out.rest.extend(moved(records, &sequence(records, settled)));
    out
}

/// `moved(…)` for each order that was not that of the versions after it, the latest first.
/// `declared` has all fields that were ever there, as they stand in the declaration.
fn moved(records: &Records<'_>, declared: &[u32]) -> Vec<String> {
    let (mut order, mut out) = (declared.to_vec(), Vec::new());
    for version in (records.first..records.last()).rev() {
        let record = records.at(version);
        let ids = record.ids();
        if order.iter().copied().filter(|id| ids.contains(id)).eq(ids.iter().copied()) {
            continue;
        }
        let names: Vec<String> = (0..ids.len()).map(|at| record.name(at)).collect();
        out.push(format!("moved({}, until = {})", names.join(", "), version + 1));
        order = ids;
        // The others stay in front of what they stand in front of.
        for (at, id) in declared.iter().enumerate().rev() {
            if !order.contains(id) {
                let behind = declared.get(at + 1).and_then(|next| order.iter().position(|id| id == next));
                order.insert(behind.unwrap_or(order.len()), *id);
            }
        }
    }
    out
}

fn field(records: &Records<'_>, id: u32) -> Vec<String> {
    let has = |version: &usize| records.at(*version).position(id).is_some();
    let first = records.versions().find(has).expect("some version has the field");
    let mut out = Vec::new();
    if first > records.first {
        let field = records.at(records.last()).field(id).expect("the newest version has the field");
        let default = field.default.as_ref().expect("fields that are added have a default");
        out.push(format!("since = {first}, default = {}", constant::rust(default, &field.ty)));
    }
    let forms: Vec<_> = (first..=records.last())
        .map(|version| {
            let record = records.at(version);
            let position = record.position(id).expect("fields do not come back");
            (record.name(position), &record.fields[position])
        })
        .collect();
    out.extend(renamed(&forms.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), first));
    for (at, pair) in forms.windows(2).enumerate() {
        if let Some(conversion) = &pair[1].1.conversion {
            let with = conversion.with().map_or(String::new(), |with| format!(", with = {with}"));
            out.push(format!("was({}, until = {}{with})", pair[0].1.ty.rust(), first + at + 1));
        }
    }
    out
}

/// Returns the version from which on no field that stayed changed its place.
fn settled(records: &Records<'_>) -> usize {
    let moved = |version: &usize| {
        let (before, after) = (records.at(version - 1).ids(), records.at(*version).ids());
        let common = |ids: &[u32], other: &[u32]| -> Vec<u32> {
            ids.iter().copied().filter(|id| other.contains(id)).collect()
        };
        common(&before, &after) != common(&after, &before)
    };
    records.versions().skip(1).filter(moved).last().unwrap_or(records.first)
}

/// Returns all fields that were ever there, so that those of each version from `settled` on stand
/// in their order.
fn sequence(records: &Records<'_>, settled: usize) -> Vec<u32> {
    let mut sequence = records.at(settled).ids();
    for version in settled + 1..=records.last() {
        let ids = records.at(version).ids();
        for (at, id) in ids.iter().enumerate() {
            if !sequence.contains(id) {
                let before = at.checked_sub(1).map(|before| ids[before]);
                let place = before.and_then(|before| sequence.iter().position(|other| *other == before));
                sequence.insert(place.map_or(0, |place| place + 1), *id);
            }
        }
    }
    for version in records.first..settled {
        for id in records.at(version).ids() {
            if !sequence.contains(&id) {
                sequence.push(id);
            }
        }
    }
    sequence
}
