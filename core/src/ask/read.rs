//! Keys as values, by the layout of the keys and without their types: the inverse of `key`.

use ic_principal::Principal;

use super::Value;
use super::value::digits;
use crate::key::magnitude::read_magnitude;
use crate::key::{StableKey, TotalF32, TotalF64};
use crate::layout::stored::{OwnedField, OwnedLayout};
use crate::layout::{Invalid, Prim};

/// The values that a key may consist of. Parts without bytes would let a damaged layout make a
/// short key endless.
const MAX_PARTS: usize = 10_000;

/// Decodes a key of a layout from exactly its encoding.
///
/// # Errors
/// [`Invalid`] if the bytes are not such a key.
pub fn read_key(layout: &OwnedLayout, bytes: &[u8]) -> Result<Value, Invalid> {
    let (value, rest) = read_key_part(layout, bytes, true)?;
    if rest.is_empty() { Ok(value) } else { Err(Invalid("a key is longer than its parts")) }
}

/// Decodes a key of a layout from the beginning of `bytes`. Returns it and the bytes after it.
/// `last` is `true` if nothing follows it.
///
/// # Errors
/// [`Invalid`] if the bytes do not begin with such a key.
pub fn read_key_part<'a>(
    layout: &OwnedLayout,
    bytes: &'a [u8],
    last: bool,
) -> Result<(Value, &'a [u8]), Invalid> {
    let mut reader = KeyReader { rest: bytes, parts: MAX_PARTS };
    let value = reader.value(layout, last)?;
    Ok((value, reader.rest))
}

struct KeyReader<'a> {
    rest: &'a [u8],
    /// The number of values that may follow.
    parts: usize,
}

impl KeyReader<'_> {
    fn value(&mut self, layout: &OwnedLayout, last: bool) -> Result<Value, Invalid> {
        self.parts = self.parts.checked_sub(1).ok_or(Invalid("a key has too many parts"))?;
        Ok(match layout {
            OwnedLayout::Prim(prim) => self.number(*prim)?,
            OwnedLayout::NonZero(prim) => match self.number(*prim)? {
                Value::Nat(0) | Value::Int(0) => return Err(Invalid("a number that is not zero is zero")),
                number => number,
            },
            OwnedLayout::String => Value::Text(self.read(last)?),
            OwnedLayout::Text(max) => {
                let text: String = self.read(last)?;
                Value::Text(bounded(text, *max, String::len)?)
            }
            OwnedLayout::Principal => Value::Principal(self.read::<Principal>(last)?),
            OwnedLayout::Duration => {
                let duration: core::time::Duration = self.read(last)?;
                let parts = [u128::from(duration.as_secs()), u128::from(duration.subsec_nanos())];
                Value::List(parts.map(Value::Nat).to_vec())
            }
            OwnedLayout::Blob(max) => {
                let bytes: Vec<u8> = self.read(last)?;
                Value::Blob(bounded(bytes, *max, Vec::len)?)
            }
            OwnedLayout::Option(inner) => match self.read::<bool>(false)? {
                true => self.value(inner, last)?,
                false => Value::Null,
            },
            OwnedLayout::Result(ok, err) => {
                let (name, inner) = if self.read::<bool>(false)? { ("Err", err) } else { ("Ok", ok) };
                Value::Variant(name.to_owned(), Box::new(self.value(inner, last)?))
            }
            OwnedLayout::Reverse(inner) => self.inverted(|reader| reader.value(inner, false))?,
            OwnedLayout::Vec(inner) if inner.is_byte() => Value::Blob(self.read(last)?),
            OwnedLayout::Vec(inner) => Value::List(self.list(inner, last)?),
            OwnedLayout::Array(inner, len) if inner.is_byte() => Value::Blob(self.bytes(*len)?.to_vec()),
            OwnedLayout::Array(inner, _) if inner.key_size() == Some(0) => Value::List(Vec::new()),
            OwnedLayout::Array(inner, len) => {
                let elements = (1..=*len).map(|number| self.value(inner, last && number == *len));
                Value::List(elements.collect::<Result<_, _>>()?)
            }
            OwnedLayout::Tuple(parts) => {
                let parts = parts.iter().zip(1..).map(|(part, number)| (part, number == parts.len()));
                let values = parts.map(|(part, is_end)| self.value(part, last && is_end));
                Value::List(values.collect::<Result<_, _>>()?)
            }
            OwnedLayout::Struct { fields, .. } => self.record(fields, last)?,
            OwnedLayout::Enum { variants, .. } => {
                let [tag] = self.take()?;
                let variant = variants.iter().find(|variant| variant.tag == tag);
                let variant = variant.ok_or(Invalid("an unknown variant"))?;
                Value::Variant(variant.name.clone(), Box::new(self.record(&variant.fields, last)?))
            }
            OwnedLayout::Opaque { codec } => self.big(codec)?,
        })
    }

    fn read<T: StableKey>(&mut self, last: bool) -> Result<T, Invalid> {
        T::read_key(&mut self.rest, last)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Invalid("a key ends early"))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn bytes(&mut self, len: u32) -> Result<&[u8], Invalid> {
        let split = self.rest.split_at_checked(len as usize);
        let (taken, rest) = split.ok_or(Invalid("a key ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn record(&mut self, fields: &[OwnedField], last: bool) -> Result<Value, Invalid> {
        let mut values = Vec::with_capacity(fields.len());
        for (field, number) in fields.iter().zip(1..) {
            values.push((field.name.clone(), self.value(&field.layout, last && number == fields.len())?));
        }
        Ok(Value::Record(values))
    }

    fn list(&mut self, inner: &OwnedLayout, last: bool) -> Result<Vec<Value>, Invalid> {
        let mut elements = Vec::new();
        loop {
            match self.rest.split_first() {
                None if last => return Ok(elements),
                Some((0, rest)) if !last => {
                    self.rest = rest;
                    return Ok(elements);
                }
                Some((1, rest)) => {
                    self.rest = rest;
                    elements.push(self.value(inner, false)?);
                }
                _ => return Err(Invalid("a list in a key has neither an element nor an end")),
            }
        }
    }

    /// Reads what was written with every byte inverted.
    fn inverted<T>(
        &mut self,
        read: impl FnOnce(&mut KeyReader<'_>) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        let inverted: Vec<u8> = self.rest.iter().map(|byte| !byte).collect();
        let mut inner = KeyReader { rest: &inverted, parts: self.parts };
        let value = read(&mut inner)?;
        let read = inverted.len().saturating_sub(inner.rest.len());
        (self.parts, self.rest) = (inner.parts, self.rest.get(read..).unwrap_or_default());
        Ok(value)
    }

    fn number(&mut self, prim: Prim) -> Result<Value, Invalid> {
        Ok(match prim {
            Prim::Bool => Value::Bool(self.read(false)?),
            Prim::Char => Value::Text(self.read::<char>(false)?.to_string()),
            Prim::U8 => Value::Nat(self.read::<u8>(false)?.into()),
            Prim::U16 => Value::Nat(self.read::<u16>(false)?.into()),
            Prim::U32 => Value::Nat(self.read::<u32>(false)?.into()),
            Prim::U64 => Value::Nat(self.read::<u64>(false)?.into()),
            Prim::U128 => Value::Nat(self.read(false)?),
            Prim::I8 => Value::Int(self.read::<i8>(false)?.into()),
            Prim::I16 => Value::Int(self.read::<i16>(false)?.into()),
            Prim::I32 => Value::Int(self.read::<i32>(false)?.into()),
            Prim::I64 => Value::Int(self.read::<i64>(false)?.into()),
            Prim::I128 => Value::Int(self.read(false)?),
            Prim::F32 => Value::Float(self.read::<TotalF32>(false)?.0.into()),
            Prim::F64 => Value::Float(self.read::<TotalF64>(false)?.0),
        })
    }

    /// Reads a `Nat` or `Int`: docs/format.md, section 11.
    fn big(&mut self, codec: &str) -> Result<Value, Invalid> {
        let is_negative = match codec {
            "nat" => false,
            "int" => !self.read::<bool>(false)?,
            _ => return Err(Invalid("bytes of a codec are no key")),
        };
        let magnitude = |reader: &mut KeyReader<'_>| read_magnitude(&mut reader.rest).map(<[u8]>::to_vec);
        let magnitude = if is_negative { self.inverted(magnitude)? } else { magnitude(self)? };
        if is_negative && magnitude.is_empty() {
            return Err(Invalid("a zero is negative"));
        }
        Ok(Value::Text(digits(is_negative, &magnitude)))
    }
}

fn bounded<T>(value: T, max: u32, len: impl Fn(&T) -> usize) -> Result<T, Invalid> {
    if len(&value) <= max as usize { Ok(value) } else { Err(Invalid("a key is longer than its bound")) }
}

#[cfg(test)]
mod tests {
    use core::cmp::Reverse;
    use core::num::NonZeroU16;
    use core::time::Duration;

    use super::*;
    use crate::ask::write_key;
    use crate::key::{KeyBuf, encode_key};
    use crate::layout::{Blob, Text};

    /// Reads a key and writes it again. All but its own bytes are refused.
    fn round_trip<K: StableKey>(key: &K) -> Value {
        let (layout, bytes) = (OwnedLayout::from(K::KEY), encode_key(key));
        let value = read_key(&layout, bytes.as_slice()).unwrap();
        let mut again = KeyBuf::new();
        write_key(&layout, &value, &mut again, true).unwrap();
        assert_eq!(again.as_slice(), bytes.as_slice(), "{layout}: {value:?}");
        assert_eq!(layout.key_size(), K::KEY_SIZE, "{layout}");
        if K::KEY_SIZE.is_some_and(|size| size > 0) {
            assert!(read_key(&layout, &bytes.as_slice()[1..]).is_err(), "{layout}");
            assert!(read_key(&layout, &[bytes.as_slice(), &[0]].concat()).is_err(), "{layout}");
        }
        value
    }

    #[test]
    fn keys_of_all_types_come_back() {
        assert_eq!(round_trip(&true), Value::Bool(true));
        assert_eq!(round_trip(&'ü'), Value::Text("ü".into()));
        assert_eq!(round_trip(&u64::MAX), Value::Nat(u64::MAX.into()));
        assert_eq!(round_trip(&i8::MIN), Value::Int(-128));
        let ends = Value::List(vec![Value::Nat(u128::MAX), Value::Int(i128::MIN)]);
        assert_eq!(round_trip(&(u128::MAX, i128::MIN)), ends);
        assert_eq!(round_trip(&TotalF32(-1.5)), Value::Float(-1.5));
        assert_eq!(round_trip(&TotalF64(0.1)), Value::Float(0.1));
        assert_eq!(round_trip(&NonZeroU16::MIN), Value::Nat(1));
        assert_eq!(round_trip(&"a\0b".to_owned()), Value::Text("a\0b".into()));
        assert_eq!(round_trip(&Duration::new(5, 7)), Value::List(vec![Value::Nat(5), Value::Nat(7)]));
        round_trip(&Principal::anonymous());
        round_trip(&(Text::<8>::new("ab".to_owned()).unwrap(), Blob::<4>::new(vec![0, 1]).unwrap()));
        round_trip(&(Some("a\0".to_owned()), None::<u8>, Ok::<u8, String>(3), Err::<u8, String>("x".into())));
        round_trip(&Reverse((9u64, "ab\0c".to_owned(), vec![1u16, 2])));
        round_trip(&([1u8; 32], [3u16, 4], vec![vec![0u8, 1], vec![]], ()));
        round_trip(&(vec![Some(1u32), None], vec!["a".to_owned()]));
    }

    #[test]
    fn no_layout_makes_a_short_key_endless() {
        let text = OwnedLayout::Array(Box::new(OwnedLayout::String), 0);
        let much = (0..60).fold(text, |inner, _| OwnedLayout::Array(Box::new(inner), u32::MAX));
        assert!(read_key(&much, &[]).is_err());
        let nothing = OwnedLayout::Array(Box::new(OwnedLayout::Tuple(Vec::new())), u32::MAX);
        assert_eq!(read_key(&nothing, &[]), Ok(Value::List(Vec::new())));
    }
}
