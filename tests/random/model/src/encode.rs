//! The bytes of a value in one release, as `docs/format.md` has them.

use crate::body::{Body, Record};
use crate::history::At;
use crate::ty::Ty;
use crate::value::Value;

impl At<'_> {
    /// Returns the encoding of a value of a type.
    #[must_use]
    pub fn encode(self, ty: &Ty, value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(ty, value, &mut out);
        out
    }

    fn put(self, ty: &Ty, value: &Value, out: &mut Vec<u8>) {
        let start = out.len();
        match (ty, value) {
            (Ty::Uint(bits), Value::Uint(n)) => out.extend(&n.to_le_bytes()[..*bits as usize / 8]),
            (Ty::Int(bits), Value::Int(n)) => out.extend(&n.to_le_bytes()[..*bits as usize / 8]),
            (Ty::Bool, Value::Bool(yes)) => out.push((*yes).into()),
            (Ty::Char, Value::Char(scalar)) => out.extend(u32::from(*scalar).to_le_bytes()),
            (Ty::Str, Value::Str(text)) => out.extend(text.as_bytes()),
            (Ty::Bytes, Value::Bytes(bytes)) => out.extend(bytes),
            (Ty::Text(len), Value::Str(text)) => put_bounded(*len, text.as_bytes(), out),
            (Ty::Blob(len), Value::Bytes(bytes)) => put_bounded(*len, bytes, out),
            (Ty::Opt(inner), Value::Opt(option)) => {
                out.push(option.is_some().into());
                option.iter().for_each(|value| self.put(inner, value, out));
            }
            (Ty::Res(ok, err), Value::Res(result)) => match result {
                Ok(value) => {
                    out.push(0);
                    self.put(ok, value, out);
                }
                Err(value) => {
                    out.push(1);
                    self.put(err, value, out);
                }
            },
            (Ty::List(inner), Value::List(values)) => {
                if inner.size(self).is_none() {
                    out.extend((values.len() as u32).to_le_bytes());
                }
                self.put_parts(values.iter().map(|value| ((**inner).clone(), value)), out);
            }
            (Ty::Array(inner, _), Value::List(values)) => {
                self.put_parts(values.iter().map(|value| ((**inner).clone(), value)), out);
            }
            (Ty::Pair(a, b), Value::List(values)) => {
                self.put_parts([(**a).clone(), (**b).clone()].into_iter().zip(values), out);
            }
            (Ty::Boxed(inner), value) => self.put(inner, value, out),
            (Ty::Named(index, argument), value) => {
                self.put_body(self.body(*index), argument.as_deref(), value, out);
            }
            other => panic!("no value of the type: {other:?}"),
        }
        if let Some(size) = ty.size(self) {
            out.resize(start + size, 0);
        }
    }

    fn put_body(self, body: &Body, argument: Option<&Ty>, value: &Value, out: &mut Vec<u8>) {
        match (body, value) {
            (Body::Struct(record), Value::Struct(fields)) => self.put_record(record, argument, fields, out),
            (Body::Enum(variants), Value::Enum(id, fields)) => {
                let variant =
                    variants.iter().find(|variant| variant.id == *id).expect("a variant of the enum");
                out.push(variant.tag);
                self.put_record(&variant.record, argument, fields, out);
            }
            other => panic!("no value of the type: {other:?}"),
        }
    }

    fn put_record(self, record: &Record, argument: Option<&Ty>, fields: &[(u32, Value)], out: &mut Vec<u8>) {
        assert_eq!(record.fields.len(), fields.len(), "{record:?} {fields:?}");
        let value =
            |id: u32| &fields.iter().find(|(field, _)| *field == id).expect("a field of the record").1;
        self.put_parts(record.fields.iter().map(|field| (field.ty.with(argument), value(field.id))), out);
    }

    /// A head of constant size, then a tail.
    fn put_parts<'v>(self, parts: impl Iterator<Item = (Ty, &'v Value)>, out: &mut Vec<u8>) {
        let mut tail = Vec::new();
        for (ty, value) in parts {
            if ty.size(self).is_some() {
                self.put(&ty, value, out);
            } else {
                self.put(&ty, value, &mut tail);
                out.extend((tail.len() as u32).to_le_bytes());
            }
        }
        out.extend(tail);
    }
}

fn put_bounded(len: usize, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(bytes.len() as u8);
    out.extend(bytes);
    out.resize(out.len() + len - bytes.len(), 0);
}
