//! Migrates a value of one release to the next eagerly, version by version.

use crate::body::{Body, Record, Successor, Version};
use crate::history::{At, History};
use crate::ty::Ty;
use crate::value::Value;

impl History {
    /// Returns, as of release `to`, a value of the root's type that release `from` wrote.
    #[must_use]
    pub fn migrate(&self, value: Value, from: usize, to: usize) -> Value {
        (from..to).fold(value, |value, release| self.at(release).next(&self.root, value))
    }
}

impl At<'_> {
    /// Returns the value in the next release.
    fn next(self, ty: &Ty, value: Value) -> Value {
        let boxed = |inner: &Ty, value: Box<Value>| Box::new(self.next(inner, *value));
        match (ty, value) {
            (Ty::Opt(inner), Value::Opt(value)) => Value::Opt(value.map(|value| boxed(inner, value))),
            (Ty::List(inner) | Ty::Array(inner, _), Value::List(values)) => {
                Value::List(values.into_iter().map(|value| self.next(inner, value)).collect())
            }
            (Ty::Pair(a, b), Value::List(values)) => {
                Value::List(values.into_iter().zip([a, b]).map(|(value, ty)| self.next(ty, value)).collect())
            }
            (Ty::Res(ok, _), Value::Res(Ok(value))) => Value::Res(Ok(boxed(ok, value))),
            (Ty::Res(_, err), Value::Res(Err(value))) => Value::Res(Err(boxed(err, value))),
            (Ty::Boxed(inner), value) => self.next(inner, value),
            (Ty::Named(index, argument), value) => self.next_named(*index, argument.as_deref(), value),
            (_, value) => value,
        }
    }

    fn next_named(self, index: usize, argument: Option<&Ty>, value: Value) -> Value {
        let fields = |record: Option<&Record>, fields: Vec<(u32, Value)>| {
            let record = record.expect("a variant of the enum");
            let next = |(id, value)| {
                let field = record.field(id).expect("a field of the record");
                (id, self.next(&field.ty.with(argument), value))
            };
            fields.into_iter().map(next).collect()
        };
        let body = self.body(index);
        let value = match value {
            Value::Struct(values) => Value::Struct(fields(body.record(None), values)),
            Value::Enum(id, values) => Value::Enum(id, fields(body.record(Some(id)), values)),
            other => panic!("no value of the type: {other:?}"),
        };
        let later = At { release: self.release + 1, ..self };
        let versions = &self.history.types[index].versions;
        (self.version(index)..later.version(index))
            .fold(value, |value, version| step(&versions[version - 1], &versions[version], value))
    }
}

/// Converts a value to the next version of its type. Its parts are converted by their own types.
pub(crate) fn step(before: &Version, after: &Version, value: Value) -> Value {
    let (variant, fields) = match value {
        Value::Struct(fields) => (None, fields),
        Value::Enum(id, fields) => (Some(id), fields),
        other => panic!("no value of the type: {other:?}"),
    };
    if after.starts {
        return replaced(&after.origin, &before.body, variant, fields);
    }
    let Some(record) = after.body.record(variant) else {
        return replaced(&after.gone, &before.body, variant, fields);
    };
    let mut fields: Vec<(u32, Option<Value>)> =
        fields.into_iter().map(|(id, value)| (id, Some(value))).collect();
    let now = record.fields.iter().map(|field| {
        let was = fields.iter_mut().find(|(id, _)| *id == field.id).and_then(|(_, value)| value.take());
        let value = match (was, &field.conversion) {
            (Some(value), Some(conversion)) => conversion.apply(value),
            (Some(value), None) => value,
            (None, _) => field.default.clone().expect("fields that are added have a default"),
        };
        (field.id, value)
    });
    let now: Vec<(u32, Value)> = now.collect();
    variant.map_or(Value::Struct(now.clone()), |id| Value::Enum(id, now))
}

fn replaced(successors: &[Successor], body: &Body, variant: Option<u32>, fields: Vec<(u32, Value)>) -> Value {
    let successor = successors.iter().find(|successor| successor.variant == variant);
    let record = body.record(variant).expect("a variant of the enum");
    let in_order = record
        .fields
        .iter()
        .map(|field| fields.iter().find(|(id, _)| *id == field.id).expect("a field of the record").1.clone());
    successor.expect("everything has a successor").value.fill(&in_order.collect::<Vec<_>>())
}
