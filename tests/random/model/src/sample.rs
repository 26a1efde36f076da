//! Random values of a type in one release.

use crate::body::{Body, Record};
use crate::history::At;
use crate::rng::Rng;
use crate::ty::Ty;
use crate::value::Value;

impl At<'_> {
    /// Some value of a type. Once in a while it is too large for a page.
    #[must_use]
    pub fn sample(self, ty: &Ty, rng: &mut Rng) -> Value {
        let boxed = |ty: &Ty, rng: &mut Rng| Box::new(self.sample(ty, rng));
        match ty {
            Ty::Uint(bits) => Value::Uint(wide(rng) >> (128 - bits)),
            Ty::Int(bits) => Value::Int((wide(rng) as i128) >> (128 - bits)),
            Ty::Bool => Value::Bool(rng.once_in(2)),
            Ty::Char => Value::Char(['x', 'ß', '山', '🌵', '\0'][rng.index(5)]),
            Ty::Str => {
                let len = length(rng);
                Value::Str(['y', 'ö'][rng.index(2)].to_string().repeat(len))
            }
            Ty::Bytes => {
                let len = length(rng);
                Value::Bytes(vec![rng.any() as u8; len])
            }
            Ty::Text(len) => Value::Str("z".repeat(rng.index(len + 1))),
            Ty::Blob(len) => Value::Bytes(vec![rng.any() as u8; rng.index(len + 1)]),
            Ty::Opt(inner) => Value::Opt((!rng.once_in(3)).then(|| boxed(inner, rng))),
            Ty::List(inner) => Value::List((0..rng.below(4)).map(|_| self.sample(inner, rng)).collect()),
            Ty::Array(inner, len) => Value::List((0..*len).map(|_| self.sample(inner, rng)).collect()),
            Ty::Pair(a, b) => Value::List(vec![self.sample(a, rng), self.sample(b, rng)]),
            Ty::Res(a, b) => Value::Res(if rng.once_in(2) { Ok(boxed(a, rng)) } else { Err(boxed(b, rng)) }),
            Ty::Boxed(inner) => self.sample(inner, rng),
            Ty::Named(index, argument) => self.sample_body(self.body(*index), argument.as_deref(), rng),
            Ty::Param => unreachable!("parameters are replaced first"),
        }
    }

    fn sample_body(self, body: &Body, argument: Option<&Ty>, rng: &mut Rng) -> Value {
        let fields = |record: &Record, rng: &mut Rng| {
            record.fields.iter().map(|f| (f.id, self.sample(&f.ty.with(argument), rng))).collect()
        };
        match body {
            Body::Struct(record) => Value::Struct(fields(record, rng)),
            Body::Enum(variants) => {
                let variant = &variants[rng.index(variants.len())];
                Value::Enum(variant.id, fields(&variant.record, rng))
            }
        }
    }
}

fn wide(rng: &mut Rng) -> u128 {
    u128::from(rng.any()) << 64 | u128::from(rng.any())
}

fn length(rng: &mut Rng) -> usize {
    match rng.index(200) {
        0 => 3_000 + rng.index(4_000),
        1..=20 => rng.index(300),
        _ => rng.index(20),
    }
}
