//! Changes of types from one version to the next.

use crate::body::{Body, Field, Record, Successor, Variant, Version};
use crate::constant;
use crate::conversion::Conversion;
use crate::genome::Genome;
use crate::migrate::step;
use crate::rng::Rng;
use crate::ty::Ty;
use crate::value::Value;

/// The type that changes, and what there is around it.
pub(crate) struct Context<'a> {
    pub(crate) index: usize,
    pub(crate) types: usize,
    pub(crate) generic: bool,
    /// The last identity of a field or variant.
    pub(crate) ids: &'a mut u32,
}

impl Context<'_> {
    fn id(&mut self) -> u32 {
        *self.ids += 1;
        *self.ids
    }
}

/// Returns the next version, if the genes change anything.
pub(crate) fn evolve(
    before: &Version,
    genes: &[u64],
    mut context: Context<'_>,
    genome: &Genome,
) -> Option<Version> {
    let mut body = before.body.clone();
    body.records_mut()
        .iter_mut()
        .flat_map(|record| &mut record.fields)
        .for_each(|field| field.conversion = None);
    let mut rng = Rng::new(genes.first().copied().unwrap_or(0) ^ 1);
    for seed in genes {
        let mut rng = Rng::new(*seed);
        if rng.once_in(9) {
            let body = random_body(&mut context, genome, &mut rng);
            let origin = before
                .body
                .choices()
                .into_iter()
                .map(|choice| successor(choice, before.body.record(choice)?, &body, &mut rng));
            if let Some(origin) = origin.collect() {
                return Some(Version { body, starts: true, origin, gone: Vec::new() });
            }
            continue;
        }
        let kept = body.clone();
        change(&mut body, &before.body, &mut context, genome, &mut rng);
        if context.generic && !mentions_parameter(&body) {
            body = kept;
        }
    }
    let mut next = Version { body, starts: false, origin: Vec::new(), gone: Vec::new() };
    next.gone = newly_gone(before, &next.body, &mut rng)?;
    if !differs(&before.body, &next.body) {
        return None;
    }
    let later = |successor: &Successor| Successor {
        variant: successor.variant,
        value: step(before, &next, successor.value.clone()),
    };
    let (origin, gone): (Vec<_>, Vec<_>) =
        (before.origin.iter().map(later).collect(), before.gone.iter().map(later).collect());
    next.origin = origin;
    next.gone.extend(gone);
    Some(next)
}

/// Finds something that each removed variant becomes.
fn newly_gone(before: &Version, body: &Body, rng: &mut Rng) -> Option<Vec<Successor>> {
    let removed = before.body.choices().into_iter().filter(|choice| body.record(*choice).is_none());
    removed.map(|choice| successor(choice, before.body.record(choice)?, body, rng)).collect()
}

/// Returns a possible successor of the fields of `old` in the new type.
fn successor(variant: Option<u32>, old: &Record, new: &Body, rng: &mut Rng) -> Option<Successor> {
    let mut choices = new.choices();
    rng.shuffle(&mut choices);
    let value = choices.into_iter().find_map(|choice| {
        let fields = filled(old, new.record(choice)?, rng)?;
        Some(choice.map_or(Value::Struct(fields.clone()), |id| Value::Enum(id, fields)))
    });
    value.map(|value| Successor { variant, value })
}

fn filled(old: &Record, new: &Record, rng: &mut Rng) -> Option<Vec<(u32, Value)>> {
    let mut used: Vec<usize> = Vec::new();
    let mut fields = Vec::new();
    for field in &new.fields {
        let constant = constant::random(&field.ty, rng).filter(|_| rng.once_in(2));
        let hole = || {
            let fits = |at: &usize| old.fields[*at].ty == field.ty && !used.contains(at);
            (0..old.fields.len()).find(fits)
        };
        let value = match constant.or_else(|| hole().map(|at| Value::Hole(at, Vec::new()))) {
            Some(value) => value,
            None => constant::random(&field.ty, rng)?,
        };
        if let Value::Hole(at, _) = value {
            used.push(at);
        }
        fields.push((field.id, value));
    }
    Some(fields)
}

fn change(body: &mut Body, before: &Body, context: &mut Context<'_>, genome: &Genome, rng: &mut Rng) {
    if let Body::Enum(variants) = body {
        match rng.index(8) {
            0 | 1 => return add_variant(variants, before, context, genome, rng),
            2 if variants.len() > 1 => {
                variants.remove(rng.index(variants.len()));
                return;
            }
            3 => {
                let at = rng.index(variants.len());
                if let Some(name) =
                    free(&VARIANTS, &variants.iter().map(|v| v.name.clone()).collect::<Vec<_>>(), rng)
                {
                    variants[at].name = name;
                }
                return;
            }
            _ => {}
        }
    }
    let is_struct = matches!(body, Body::Struct(_));
    let mut records = body.records_mut();
    let at = rng.index(records.len());
    change_record(records[at], is_struct, context, genome, rng);
}

fn change_record(
    record: &mut Record,
    is_struct: bool,
    context: &mut Context<'_>,
    genome: &Genome,
    rng: &mut Rng,
) {
    let len = record.fields.len();
    match rng.index(12) {
        0..=3 => {
            let ty = random_type(context, genome, rng, 0);
            let Some(default) = constant::random(&ty, rng) else { return };
            if let Some(field) = field(record, ty, Some(default), context, rng) {
                record.fields.insert(rng.index(len + 1), field);
            }
        }
        4 | 5 if len > usize::from(is_struct) => {
            let at = rng.index(len);
            let Field { name, ty, .. } = record.fields.remove(at);
            // Another field may take the name.
            if rng.once_in(2)
                && let Some(default) = constant::random(&ty, rng)
            {
                let field = Field { id: context.id(), name, ty, conversion: None, default: Some(default) };
                record.fields.insert(at, field);
            }
        }
        6 | 7 if len > 0 && !record.tuple => {
            let at = rng.index(len);
            if let Some(name) = free(&FIELDS, &names(record), rng) {
                record.fields[at].name = name;
            }
        }
        8 if len > 1 => rng.shuffle(&mut record.fields),
        _ if len > 0 => {
            let at = rng.index(len);
            let field = &mut record.fields[at];
            if field.conversion.is_none()
                && let Some((conversion, ty)) = Conversion::random(&field.ty, rng)
            {
                field.default = field.default.take().map(|default| conversion.apply(default));
                (field.ty, field.conversion) = (ty, Some(conversion));
            }
        }
        _ => {}
    }
}

fn add_variant(
    variants: &mut Vec<Variant>,
    before: &Body,
    context: &mut Context<'_>,
    genome: &Genome,
    rng: &mut Rng,
) {
    let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
    // The tag of a variant that was removed before may be used again.
    let taken = |tag: &u8| {
        let was = matches!(before, Body::Enum(all) if all.iter().any(|variant| variant.tag == *tag));
        was || variants.iter().any(|variant| variant.tag == *tag)
    };
    let tag = (0..20).find(|tag| !taken(tag));
    if let (Some(name), Some(tag)) = (free(&VARIANTS, &names, rng), tag) {
        let record = random_record(rng.index(3), context, genome, rng);
        variants.insert(rng.index(variants.len() + 1), Variant { id: context.id(), name, tag, record });
    }
}

const FIELDS: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "r#type"];
const VARIANTS: [&str; 8] = ["Red", "Blue", "Green", "Gray", "Pink", "Teal", "Gold", "Navy"];

fn names(record: &Record) -> Vec<String> {
    record.fields.iter().map(|field| field.name.clone()).collect()
}

/// Returns a name that is not used.
fn free(all: &[&str], used: &[String], rng: &mut Rng) -> Option<String> {
    let free: Vec<&&str> = all.iter().filter(|name| !used.iter().any(|used| used == **name)).collect();
    (!free.is_empty()).then(|| (*free[rng.index(free.len())]).to_owned())
}

fn field(
    record: &Record,
    ty: Ty,
    default: Option<Value>,
    context: &mut Context<'_>,
    rng: &mut Rng,
) -> Option<Field> {
    let name = free(&FIELDS, &names(record), rng)?;
    Some(Field { id: context.id(), name, ty, conversion: None, default })
}

/// Any struct or enum.
pub(crate) fn random_body(context: &mut Context<'_>, genome: &Genome, rng: &mut Rng) -> Body {
    let mut body = if rng.once_in(3) {
        let mut variants = Vec::new();
        for tag in 0..1 + rng.below(4) as u8 {
            let names: Vec<String> = variants.iter().map(|variant: &Variant| variant.name.clone()).collect();
            let name = free(&VARIANTS, &names, rng).expect("there are more names than variants");
            let record = random_record(rng.index(3), context, genome, rng);
            variants.push(Variant { id: context.id(), name, tag, record });
        }
        Body::Enum(variants)
    } else {
        Body::Struct(random_record(1 + rng.index(5), context, genome, rng))
    };
    if context.generic && !mentions_parameter(&body) {
        let ty = if rng.once_in(2) { Ty::Param } else { Ty::List(Box::new(Ty::Param)) };
        let mut records = body.records_mut();
        let record = records.swap_remove(0);
        let field = field(record, ty, None, context, rng).expect("there are more names than fields");
        record.fields.push(field);
    }
    body
}

fn random_record(len: usize, context: &mut Context<'_>, genome: &Genome, rng: &mut Rng) -> Record {
    let mut record = Record { tuple: rng.once_in(4), fields: Vec::new() };
    for _ in 0..len {
        let ty = random_type(context, genome, rng, 0);
        let field = field(&record, ty, None, context, rng).expect("there are more names than fields");
        record.fields.push(field);
    }
    record
}

fn random_type(context: &Context<'_>, genome: &Genome, rng: &mut Rng, depth: usize) -> Ty {
    let next = context.index + 1;
    match rng.index(10) {
        0..=2 if next < context.types => {
            let index = next + rng.index(context.types - next);
            let argument = genome.is_generic(index).then(|| {
                if index + 1 < context.types && !genome.is_generic(index + 1) && rng.once_in(2) {
                    Box::new(Ty::Named(index + 1, None))
                } else {
                    Box::new(constant::random_type(rng))
                }
            });
            Ty::Named(index, argument)
        }
        3 if context.generic => Ty::Param,
        4 if depth < 2 => Ty::Opt(Box::new(random_type(context, genome, rng, depth + 1))),
        5 if depth < 2 => match random_type(context, genome, rng, depth + 1) {
            Ty::Uint(8) => Ty::Bytes,
            ty => Ty::List(Box::new(ty)),
        },
        6 if depth < 2 => {
            let ty = Box::new(random_type(context, genome, rng, depth + 1));
            let other = Box::new(constant::random_type(rng));
            match rng.index(4) {
                0 => Ty::Array(ty, 1 + rng.index(3)),
                1 => Ty::Pair(ty, other),
                2 => Ty::Res(ty, other),
                _ => Ty::Boxed(ty),
            }
        }
        _ => constant::random_type(rng),
    }
}

fn mentions_parameter(body: &Body) -> bool {
    fn in_type(ty: &Ty) -> bool {
        match ty {
            Ty::Param => true,
            Ty::Opt(ty) | Ty::List(ty) | Ty::Array(ty, _) | Ty::Boxed(ty) | Ty::Named(_, Some(ty)) => {
                in_type(ty)
            }
            Ty::Pair(a, b) | Ty::Res(a, b) => in_type(a) || in_type(b),
            _ => false,
        }
    }
    body.records().any(|record| record.fields.iter().any(|field| in_type(&field.ty)))
}

/// Returns `true` if attributes have anything to say about the second version.
fn differs(before: &Body, after: &Body) -> bool {
    let variants = |body: &Body| match body {
        Body::Struct(_) => Vec::new(),
        Body::Enum(variants) => {
            let mut names: Vec<_> =
                variants.iter().map(|variant| (variant.id, variant.name.clone())).collect();
            names.sort();
            names
        }
    };
    let fields = |body: &Body| {
        let records = body.choices().into_iter().filter_map(|choice| Some((choice, body.record(choice)?)));
        let mut all: Vec<_> = records
            .flat_map(|(choice, record)| {
                record
                    .fields
                    .iter()
                    .enumerate()
                    .map(move |(at, field)| (choice, at, field.id, record.name(at)))
            })
            .collect();
        all.sort();
        all
    };
    let converted =
        after.records().any(|record| record.fields.iter().any(|field| field.conversion.is_some()));
    converted || variants(before) != variants(after) || fields(before) != fields(after)
}
