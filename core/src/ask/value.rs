//! Values of any layout, without the types of the code that wrote them.

use core::cmp::Ordering;

use ic_principal::Principal;

use crate::layout::stored::{OwnedField, OwnedLayout, fields_size};
use crate::layout::{Invalid, Prim, StableLayout, length_bytes};

/// A value of any layout.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Serialize, serde::Deserialize))]
pub enum Value {
    /// No value: `None`. A value in an option is that value itself.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer without a sign.
    Nat(u128),
    /// An integer.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// Text. Also a single character, and a `Nat` or `Int` of any size in digits of base 16.
    Text(String),
    /// Bytes. Also what another codec wrote.
    Blob(Vec<u8>),
    /// A principal.
    Principal(Principal),
    /// The elements of a list or a tuple.
    List(Vec<Value>),
    /// The fields of a struct.
    Record(Vec<(String, Value)>),
    /// A variant of an enum and its fields. A result has the variants `Ok` and `Err`.
    Variant(String, Box<Value>),
}

impl Value {
    /// Decodes a value of a layout. Whatever the type's own decoder refuses is refused here, too.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not such a value.
    pub fn decode(layout: &OwnedLayout, bytes: &[u8]) -> Result<Value, Invalid> {
        match layout {
            OwnedLayout::Prim(prim) => number(*prim, bytes),
            OwnedLayout::NonZero(prim) => match number(*prim, bytes)? {
                Value::Nat(0) | Value::Int(0) => Err(Invalid("a number that is not zero is zero")),
                number => Ok(number),
            },
            OwnedLayout::String => text(bytes),
            OwnedLayout::Principal => Principal::decode(bytes).map(Value::Principal),
            OwnedLayout::Duration => {
                let duration = core::time::Duration::decode(bytes)?;
                let parts = [u128::from(duration.as_secs()), u128::from(duration.subsec_nanos())];
                Ok(Value::List(parts.map(Value::Nat).to_vec()))
            }
            OwnedLayout::Blob(max) => bounded(*max, bytes).map(|bytes| Value::Blob(bytes.to_vec())),
            OwnedLayout::Text(max) => text(bounded(*max, bytes)?),
            OwnedLayout::Option(inner) => match (split(bytes)?, inner.size()) {
                ((0, rest), None) => padded(Some(0), rest).map(|_| Value::Null),
                ((0, rest), Some(size)) if rest.len() == size => padded(Some(0), rest).map(|_| Value::Null),
                ((1, rest), _) => Value::decode(inner, rest),
                _ => Err(Invalid("an option is neither there nor absent")),
            },
            OwnedLayout::Result(ok, err) => {
                let (name, inner, rest) = match split(bytes)? {
                    (0, rest) => ("Ok", ok, rest),
                    (1, rest) => ("Err", err, rest),
                    _ => return Err(Invalid("a result is neither Ok nor Err")),
                };
                let rest = alternative(layout.size(), inner.size(), bytes, rest)?;
                Ok(Value::Variant(name.to_owned(), Box::new(Value::decode(inner, rest)?)))
            }
            OwnedLayout::Reverse(inner) => Value::decode(inner, bytes),
            OwnedLayout::Vec(inner) if inner.is_byte() => Ok(Value::Blob(bytes.to_vec())),
            OwnedLayout::Vec(inner) => match inner.size() {
                Some(size) => elements(inner, size, bytes),
                None => {
                    let (count, rest) = bytes.split_first_chunk().ok_or(SHORT)?;
                    parts(&vec![&**inner; checked(u32::from_le_bytes(*count), rest)?], rest).map(Value::List)
                }
            },
            OwnedLayout::Array(inner, len) => match inner.size() {
                Some(size) if size.checked_mul(*len as usize) != Some(bytes.len()) => {
                    Err(Invalid("an array has the wrong length"))
                }
                Some(1) if inner.is_byte() => Ok(Value::Blob(bytes.to_vec())),
                // However many there are, no bytes tell them apart.
                Some(0) => Ok(Value::List(Vec::new())),
                Some(size) => elements(inner, size, bytes),
                None => parts(&vec![&**inner; checked(*len, bytes)?], bytes).map(Value::List),
            },
            OwnedLayout::Tuple(inner) => parts(&inner.iter().collect::<Vec<_>>(), bytes).map(Value::List),
            OwnedLayout::Struct { fields, .. } => record(fields, bytes),
            OwnedLayout::Enum { variants, .. } => {
                let (tag, rest) = split(bytes)?;
                let variant = variants.iter().find(|variant| variant.tag == tag);
                let variant = variant.ok_or(Invalid("an unknown variant"))?;
                let rest = alternative(layout.size(), fields_size(&variant.fields), bytes, rest)?;
                record(&variant.fields, rest)
                    .map(|fields| Value::Variant(variant.name.clone(), Box::new(fields)))
            }
            OwnedLayout::Opaque { codec } if codec == "nat" || codec == "int" => {
                Ok(Value::Text(big(bytes, codec == "int")?))
            }
            OwnedLayout::Opaque { .. } => Ok(Value::Blob(bytes.to_vec())),
        }
    }

    /// Returns a field of a record, or a field of a field by names with dots between them.
    #[must_use]
    pub fn at(&self, name: &str) -> Option<&Value> {
        let Value::Record(fields) = self else { return None };
        let whole = fields.iter().find(|(known, _)| known == name);
        if let Some((_, value)) = whole {
            return Some(value);
        }
        let (first, rest) = name.split_once('.')?;
        fields.iter().find(|(known, _)| known == first).and_then(|(_, value)| value.at(rest))
    }

    /// Returns the order of two values of one kind. All integers are of one kind, and no value is
    /// before all others.
    #[must_use]
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Null, Value::Null) => Some(Ordering::Equal),
            (Value::Null, _) => Some(Ordering::Less),
            (_, Value::Null) => Some(Ordering::Greater),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Nat(a), Value::Nat(b)) => Some(a.cmp(b)),
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (Value::Nat(a), Value::Int(b)) => Some(compare_mixed(*a, *b)),
            (Value::Int(a), Value::Nat(b)) => Some(compare_mixed(*b, *a).reverse()),
            (Value::Float(a), Value::Float(b)) => Some(a.total_cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Blob(a), Value::Blob(b)) => Some(a.cmp(b)),
            (Value::Principal(a), Value::Principal(b)) => Some(a.cmp(b)),
            (Value::List(a), Value::List(b)) => compare_lists(a, b),
            (Value::Record(a), Value::Record(b)) => (a == b).then_some(Ordering::Equal),
            (Value::Variant(a, x), Value::Variant(b, y)) => {
                (a == b && x.compare(y) == Some(Ordering::Equal)).then_some(Ordering::Equal)
            }
            _ => None,
        }
    }
}

const SHORT: Invalid = Invalid("a value ends too early");

fn compare_mixed(nat: u128, int: i128) -> Ordering {
    u128::try_from(int).map_or(Ordering::Greater, |int| nat.cmp(&int))
}

fn compare_lists(a: &[Value], b: &[Value]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match a.compare(b)? {
            Ordering::Equal => {}
            order => return Some(order),
        }
    }
    Some(a.len().cmp(&b.len()))
}

/// Returns the number of parts that bytes with an end for each of them can have.
fn checked(count: u32, bytes: &[u8]) -> Result<usize, Invalid> {
    let count = count as usize;
    if count.checked_mul(4).is_some_and(|ends| ends <= bytes.len()) { Ok(count) } else { Err(SHORT) }
}

fn split(bytes: &[u8]) -> Result<(u8, &[u8]), Invalid> {
    bytes.split_first().map(|(first, rest)| (*first, rest)).ok_or(SHORT)
}

/// Returns the bytes of an alternative after its tag. If all alternatives have a constant size,
/// zeros follow it up to the largest one.
fn alternative<'a>(
    whole: Option<usize>,
    own: Option<usize>,
    bytes: &[u8],
    rest: &'a [u8],
) -> Result<&'a [u8], Invalid> {
    match whole {
        Some(whole) if bytes.len() != whole => Err(Invalid("an alternative has the wrong length")),
        Some(_) => padded(own, rest),
        None => Ok(rest),
    }
}

/// Returns the first `size` bytes, which only zeros may follow.
fn padded(size: Option<usize>, bytes: &[u8]) -> Result<&[u8], Invalid> {
    let Some(size) = size else { return Ok(bytes) };
    let (value, padding) = bytes.split_at_checked(size).ok_or(SHORT)?;
    match padding.iter().all(|byte| *byte == 0) {
        true => Ok(value),
        false => Err(Invalid("a value has other bytes than zeros after its end")),
    }
}

fn text(bytes: &[u8]) -> Result<Value, Invalid> {
    String::decode(bytes).map(Value::Text)
}

fn bounded(max: u32, bytes: &[u8]) -> Result<&[u8], Invalid> {
    let (len, rest) = bytes.split_at_checked(length_bytes(max)).ok_or(SHORT)?;
    if rest.len() != max as usize {
        return Err(Invalid("a bounded value has the wrong size"));
    }
    let mut number = [0; 4];
    number.iter_mut().zip(len).for_each(|(to, from)| *to = *from);
    padded(Some(u32::from_le_bytes(number) as usize), rest)
}

fn number(prim: Prim, bytes: &[u8]) -> Result<Value, Invalid> {
    Ok(match prim {
        Prim::Bool => Value::Bool(bool::decode(bytes)?),
        Prim::Char => Value::Text(char::decode(bytes)?.to_string()),
        Prim::U8 => Value::Nat(u8::decode(bytes)?.into()),
        Prim::U16 => Value::Nat(u16::decode(bytes)?.into()),
        Prim::U32 => Value::Nat(u32::decode(bytes)?.into()),
        Prim::U64 => Value::Nat(u64::decode(bytes)?.into()),
        Prim::U128 => Value::Nat(u128::decode(bytes)?),
        Prim::I8 => Value::Int(i8::decode(bytes)?.into()),
        Prim::I16 => Value::Int(i16::decode(bytes)?.into()),
        Prim::I32 => Value::Int(i32::decode(bytes)?.into()),
        Prim::I64 => Value::Int(i64::decode(bytes)?.into()),
        Prim::I128 => Value::Int(i128::decode(bytes)?),
        Prim::F32 => Value::Float(f32::decode(bytes)?.into()),
        Prim::F64 => Value::Float(f64::decode(bytes)?),
    })
}

fn elements(inner: &OwnedLayout, size: usize, bytes: &[u8]) -> Result<Value, Invalid> {
    if size == 0 || !bytes.len().is_multiple_of(size) {
        return Err(Invalid("a list ends within an element"));
    }
    bytes.chunks(size).map(|bytes| Value::decode(inner, bytes)).collect::<Result<_, _>>().map(Value::List)
}

fn record(fields: &[OwnedField], bytes: &[u8]) -> Result<Value, Invalid> {
    let values = parts(&fields.iter().map(|field| &field.layout).collect::<Vec<_>>(), bytes)?;
    let names = fields.iter().map(|field| field.name.clone());
    Ok(Value::Record(names.zip(values).collect()))
}

/// Decodes the parts of a record: a head with those of constant size and with the ends of the
/// others, and a tail with these.
fn parts(layouts: &[&OwnedLayout], bytes: &[u8]) -> Result<Vec<Value>, Invalid> {
    let sizes: Vec<Option<usize>> = layouts.iter().map(|layout| layout.size()).collect();
    let head = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(size.unwrap_or(4)));
    let (mut head, tail) = bytes.split_at_checked(head.ok_or(SHORT)?).ok_or(SHORT)?;
    let (mut values, mut start) = (Vec::with_capacity(layouts.len()), 0);
    for (layout, size) in layouts.iter().zip(sizes) {
        let (here, rest) = head.split_at_checked(size.unwrap_or(4)).ok_or(SHORT)?;
        head = rest;
        let here = match (size, here.first_chunk()) {
            (None, Some(end)) => {
                let end = u32::from_le_bytes(*end) as usize;
                let part = tail.get(start..end).ok_or(Invalid("a field ends behind its record"))?;
                start = end;
                part
            }
            _ => here,
        };
        values.push(Value::decode(layout, here)?);
    }
    if start == tail.len() { Ok(values) } else { Err(Invalid("a record is longer than its fields")) }
}

/// Returns the digits of a number of any size, lowest byte first, in base 16.
fn big(bytes: &[u8], is_signed: bool) -> Result<String, Invalid> {
    let is_negative = is_signed && bytes.last().is_some_and(|byte| *byte >= 0x80);
    let is_short = match bytes {
        [.., before, 0] => is_signed && *before >= 0x80,
        [.., before, 0xff] => !is_negative || *before < 0x80,
        [0] => false,
        _ => true,
    };
    if !is_short {
        return Err(Invalid("a number has more bytes than it needs"));
    }
    let mut magnitude = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in &mut magnitude {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    magnitude.reverse();
    Ok(digits(is_negative, &magnitude))
}

/// Returns the digits of a number in base 16. Its bytes are those of its magnitude, the highest
/// first.
pub(super) fn digits(is_negative: bool, magnitude: &[u8]) -> String {
    use core::fmt::Write;

    let mut digits = String::from(if is_negative { "-0x" } else { "0x" });
    let mut is_first = true;
    for byte in magnitude.iter().skip_while(|byte| **byte == 0) {
        // Writing to a string does not fail.
        let _ = if is_first { write!(digits, "{byte:x}") } else { write!(digits, "{byte:02x}") };
        is_first = false;
    }
    if is_first {
        digits.push('0');
    }
    digits
}

/// Returns `true` for a negative number, and the bytes of the magnitude, the highest first and not
/// 0. Returns `None` for a text that is not a number in base 16 or 10.
pub(super) fn magnitude_of(digits: &str) -> Option<(bool, Vec<u8>)> {
    let (is_negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits),
    };
    let (base, digits) = digits.strip_prefix("0x").map_or((10, digits), |digits| (16, digits));
    if digits.is_empty() || digits.len() > crate::key::MAX_KEY_LEN * 3 {
        return None;
    }
    // The lowest byte is first until the end.
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits.chars() {
        let mut carry = digit.to_digit(base)?;
        for byte in &mut bytes {
            let sum = u32::from(*byte).saturating_mul(base).saturating_add(carry);
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    bytes.reverse();
    Some((is_negative && !bytes.is_empty(), bytes))
}
