//! Keys, by their descriptors: section 11.

use super::bytes::{Reader, text};
use super::descriptor::{Field, Int, Type};
use super::value::{Value, elements, flag, principal};

/// Returns the constant size of encoded keys, or nothing if they vary in length.
pub fn key_size(of: &Type) -> Option<usize> {
    match of {
        Type::Bool => Some(1),
        Type::Char => Some(4),
        Type::Int(int) | Type::NonZero(int) => Some(int.size),
        Type::Float { size } => Some(*size),
        Type::Duration => Some(12),
        Type::Principal => Some(30),
        Type::Reverse(inner) => key_size(inner),
        Type::Array(n, element) => Some(*n as usize * key_size(element)?),
        Type::Tuple(parts) => parts.iter().map(key_size).sum(),
        Type::Struct { fields, .. } => fields_size(fields),
        Type::Enum { variants, .. } => {
            let sizes: Option<Vec<usize>> =
                variants.iter().map(|variant| fields_size(&variant.fields)).collect();
            let mut sizes = sizes?.into_iter();
            let first = sizes.next()?;
            sizes.all(|size| size == first).then_some(1 + first)
        }
        Type::String | Type::Text(_) | Type::Blob(_) | Type::Vec(_) | Type::Option(_) => None,
        Type::Result(..) | Type::Opaque(_) => None,
    }
}

fn fields_size(fields: &[Field]) -> Option<usize> {
    fields.iter().map(|field| key_size(&field.of)).sum()
}

/// Decodes a key that is all of `bytes`.
pub fn decode_key(of: &Type, bytes: &[u8]) -> Value {
    let mut key = Key { bytes, at: 0, invert: 0 };
    let value = key.part(of, true);
    assert_eq!(key.at, bytes.len(), "a key decodes to exactly its length");
    value
}

/// Decodes a key that is the first part of a tuple. Returns it with the bytes after it.
pub fn decode_first<'a>(of: &Type, bytes: &'a [u8]) -> (Value, &'a [u8]) {
    let mut key = Key { bytes, at: 0, invert: 0 };
    let value = key.part(of, false);
    (value, &bytes[key.at..])
}

struct Key<'a> {
    bytes: &'a [u8],
    at: usize,
    /// `ff` within a `Reverse`, whose bytes are all inverted.
    invert: u8,
}

impl Key<'_> {
    /// Decodes a part of the key; `last` says whether it is the last one by structure.
    fn part(&mut self, of: &Type, last: bool) -> Value {
        match of {
            Type::Bool => Value::Bool(flag(self.byte())),
            Type::Char => {
                let scalar = self.big(4) as u32;
                Value::Char(char::from_u32(scalar).expect("a Unicode scalar value"))
            }
            Type::Int(int) => self.integer(*int),
            Type::NonZero(int) => {
                let number = self.integer(*int);
                assert_ne!(number, int.value(0), "a number that is not zero");
                number
            }
            Type::Float { size } => self.float(*size),
            Type::Duration => {
                let (seconds, nanoseconds) = (self.big(8) as u64, self.big(4) as u32);
                assert!(nanoseconds < 1_000_000_000, "nanoseconds below a second");
                Value::Duration { seconds, nanoseconds }
            }
            Type::Principal => {
                let bytes = self.take(30);
                principal(&mut Reader::new(&bytes))
            }
            Type::String => Value::Text(text(&self.string(last))),
            Type::Text(n) => Value::Text(text(&self.bounded(*n, last))),
            Type::Blob(n) => Value::Bytes(self.bounded(*n, last)),
            Type::Vec(element) if **element == (Type::Int(Int { size: 1, signed: false })) => {
                Value::Bytes(self.string(last))
            }
            Type::Vec(element) => self.list(element, last),
            Type::Option(some) => match self.byte() {
                0 => Value::Option(None),
                1 => Value::Option(Some(Box::new(self.part(some, last)))),
                byte => panic!("{byte} begins no Option"),
            },
            Type::Result(ok, err) => match self.byte() {
                0 => Value::Result(Ok(Box::new(self.part(ok, last)))),
                1 => Value::Result(Err(Box::new(self.part(err, last)))),
                byte => panic!("{byte} begins no Result"),
            },
            Type::Reverse(inner) => self.reverse(inner),
            Type::Array(n, element) => elements(element, self.parts(&vec![&**element; *n as usize], last)),
            Type::Tuple(parts) => Value::Tuple(self.parts(&parts.iter().collect::<Vec<_>>(), last)),
            Type::Struct { fields, .. } => Value::Struct(self.named(fields, last)),
            Type::Enum { variants, .. } => {
                let tag = self.byte();
                let variant = variants.iter().find(|variant| variant.tag == tag);
                let variant = variant.unwrap_or_else(|| panic!("no variant has tag {tag}"));
                Value::Variant { name: variant.name.clone(), fields: self.named(&variant.fields, last) }
            }
            Type::Opaque(codec) => match codec.as_str() {
                "nat" => Value::Opaque(self.natural()),
                "int" => self.signed_number(),
                other => panic!("{other} is no key"),
            },
        }
    }

    fn parts(&mut self, types: &[&Type], last: bool) -> Vec<Value> {
        let number = types.len();
        types.iter().enumerate().map(|(i, of)| self.part(of, last && i + 1 == number)).collect()
    }

    fn named(&mut self, fields: &[Field], last: bool) -> Vec<(String, Value)> {
        let types: Vec<&Type> = fields.iter().map(|field| &field.of).collect();
        let names = fields.iter().map(|field| field.name.clone());
        names.zip(self.parts(&types, last)).collect()
    }

    fn reverse(&mut self, inner: &Type) -> Value {
        self.invert = !self.invert;
        let value = self.part(inner, false);
        self.invert = !self.invert;
        Value::Reverse(Box::new(value))
    }

    fn integer(&mut self, int: Int) -> Value {
        let bits = self.big(int.size);
        let highest = u128::from(int.signed) << (8 * int.size - 1);
        int.value(bits ^ highest)
    }

    fn float(&mut self, size: usize) -> Value {
        let highest = 1 << (8 * size - 1);
        let ordered = self.big(size);
        let bits = if ordered & highest == 0 { !ordered } else { ordered ^ highest };
        match size {
            4 => Value::F32(f32::from_bits(bits as u32)),
            _ => Value::F64(f64::from_bits(bits as u64)),
        }
    }

    /// Reads a list: a byte 1 before each element; at the end a byte 0, or the end of the key if
    /// the list is last.
    fn list(&mut self, element: &Type, last: bool) -> Value {
        let mut list = Vec::new();
        while !(last && self.at == self.bytes.len()) {
            match self.byte() {
                0 if !last => break,
                1 => list.push(self.part(element, false)),
                byte => panic!("{byte} in a list"),
            }
        }
        Value::List(list)
    }

    /// Returns the bytes of a `Nat` as in a value: the lowest first.
    fn natural(&mut self) -> Vec<u8> {
        let len = match self.byte() {
            0xff => self.big(4) as usize,
            len => usize::from(len),
        };
        let mut number = self.take(len);
        assert_ne!(number.first(), Some(&0), "a number without leading zeros");
        number.reverse();
        number
    }

    /// Returns the bytes of an `Int` as in a value: in two's complement, the lowest first, and no
    /// more than it takes.
    fn signed_number(&mut self) -> Value {
        let negative = !flag(self.byte());
        if negative {
            self.invert = !self.invert;
        }
        let mut number = self.natural();
        if negative {
            self.invert = !self.invert;
        }
        number.push(0);
        if negative {
            let mut carry = true;
            for byte in &mut number {
                (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
            }
        }
        let sign = if negative { 0xff } else { 0 };
        while number.last() == Some(&sign)
            && number.iter().rev().nth(1).map_or(!negative, |next| next >> 7 == sign >> 7)
        {
            number.pop();
        }
        Value::Opaque(number)
    }

    fn bounded(&mut self, n: u32, last: bool) -> Vec<u8> {
        let bytes = self.string(last);
        assert!(bytes.len() <= n as usize, "a length of at most {n}");
        bytes
    }

    /// Bytes of any length: up to the end if last, else with `00 ff` for `00`, and `00 00` behind
    /// them.
    fn string(&mut self, last: bool) -> Vec<u8> {
        if last {
            return self.take(self.bytes.len() - self.at);
        }
        let mut string = Vec::new();
        loop {
            match self.byte() {
                0 => match self.byte() {
                    0 => return string,
                    0xff => string.push(0),
                    byte => panic!("00 {byte:02x} in a string"),
                },
                byte => string.push(byte),
            }
        }
    }

    fn big(&mut self, size: usize) -> u128 {
        self.take(size).iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn take(&mut self, len: usize) -> Vec<u8> {
        let left = self.bytes.len() - self.at;
        assert!(len <= left, "{len} bytes wanted at {} of a key, {left} are left", self.at);
        self.at += len;
        self.bytes[self.at - len..self.at].iter().map(|byte| byte ^ self.invert).collect()
    }
}
