use core::num::NonZeroU16;
use core::time::Duration;

use ic_principal::Principal;
use proptest::prelude::*;

use super::super::Value;
use super::super::value::digits;
use crate::layout::stored::{OwnedField, OwnedLayout, OwnedVariant};
use crate::layout::{Blob, Prim, StableLayout, Text, encode};

const PRIMS: [Prim; 14] = [
    Prim::Bool,
    Prim::Char,
    Prim::U8,
    Prim::U16,
    Prim::U32,
    Prim::U64,
    Prim::U128,
    Prim::I8,
    Prim::I16,
    Prim::I32,
    Prim::I64,
    Prim::I128,
    Prim::F32,
    Prim::F64,
];

/// Compares with the encoder of a type.
fn as_the_type<T: StableLayout>(value: &T) {
    let (layout, bytes) = (OwnedLayout::from(T::LAYOUT), encode(value));
    let read = Value::decode(&layout, &bytes).unwrap();
    assert_eq!(read.encode(&layout).as_deref(), Ok(&bytes[..]), "{layout}: {read:?}");
}

#[test]
fn values_are_encoded_as_their_types_do() {
    as_the_type(&(true, 'ü', NonZeroU16::MIN, u128::MAX, i128::MIN, -1.5f32, 0.1f64));
    as_the_type(&("text".to_owned(), Principal::anonymous(), Duration::new(5, 7)));
    as_the_type(&(Blob::<300>::new(vec![1, 2]).unwrap(), Text::<8>::new("ab".to_owned()).unwrap()));
    as_the_type(&(None::<u64>, Some(7u64), None::<String>, Some("x".to_owned())));
    as_the_type(&vec![Ok::<u8, u64>(1), Err(2)]);
    as_the_type(&vec![Ok::<u8, String>(1), Err("two".to_owned())]);
    as_the_type(&(vec![0u8, 1], vec![1u16, 2], vec!["a".to_owned(), String::new()], [1u8; 4], [3u16; 2]));
    as_the_type(&(["a".to_owned(), "bc".to_owned()], (), [(); 3]));
}

/// Values of other layouts, and those that would take too much memory, are errors.
#[test]
fn other_values_are_refused() {
    let tuple = OwnedLayout::Tuple(vec![OwnedLayout::Prim(Prim::U8)]);
    for (layout, value) in [
        (OwnedLayout::Prim(Prim::U8), Value::Nat(256)),
        (OwnedLayout::Prim(Prim::U8), Value::Int(-1)),
        (OwnedLayout::Prim(Prim::Char), Value::Text("ab".into())),
        (OwnedLayout::NonZero(Prim::I8), Value::Int(0)),
        (OwnedLayout::String, Value::Nat(1)),
        (OwnedLayout::Text(2), Value::Text("abc".into())),
        (OwnedLayout::Blob(u32::MAX - 8), Value::Blob(vec![1])),
        (OwnedLayout::Duration, Value::List(vec![Value::Nat(u64::MAX.into()), Value::Nat(1_000_000_000)])),
        (tuple.clone(), Value::List(vec![])),
        (OwnedLayout::Array(Box::new(tuple), 2), Value::List(vec![])),
        (OwnedLayout::Opaque { codec: "nat".into() }, Value::Text("-0x1".into())),
        (OwnedLayout::Opaque { codec: "nat".into() }, Value::Text("one".into())),
    ] {
        assert!(value.encode(&layout).is_err(), "{layout}: {value:?}");
    }
}

fn fields(layouts: Vec<OwnedLayout>) -> Vec<OwnedField> {
    layouts
        .into_iter()
        .zip(0..)
        .map(|(layout, number)| OwnedField { name: format!("f{number}"), layout })
        .collect()
}

fn layout() -> impl Strategy<Value = OwnedLayout> {
    let leaf = prop_oneof![
        8 => prop::sample::select(&PRIMS[..]).prop_map(OwnedLayout::Prim),
        1 => prop::sample::select(&PRIMS[2..12]).prop_map(OwnedLayout::NonZero),
        2 => Just(OwnedLayout::String),
        1 => Just(OwnedLayout::Principal),
        1 => Just(OwnedLayout::Duration),
        1 => (0u32..300).prop_map(OwnedLayout::Blob),
        1 => (0u32..300).prop_map(OwnedLayout::Text),
        1 => prop::sample::select(&["nat", "int", "cbor"][..])
            .prop_map(|codec| OwnedLayout::Opaque { codec: codec.into() }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(|inner| OwnedLayout::Option(Box::new(inner))),
            (inner.clone(), inner.clone())
                .prop_map(|(ok, err)| OwnedLayout::Result(Box::new(ok), Box::new(err))),
            // No type has a list of elements without bytes.
            inner
                .clone()
                .prop_filter("bytes", |inner| inner.size() != Some(0))
                .prop_map(|inner| OwnedLayout::Vec(Box::new(inner))),
            (inner.clone(), 0u32..4).prop_map(|(inner, len)| OwnedLayout::Array(Box::new(inner), len)),
            inner.prop_map(|inner| OwnedLayout::Reverse(Box::new(inner))),
            several.clone().prop_map(OwnedLayout::Tuple),
            several.clone().prop_map(|layouts| OwnedLayout::Struct {
                name: "S".into(),
                version: 1,
                fields: fields(layouts)
            }),
            prop::collection::vec(several, 1..4).prop_map(|variants| OwnedLayout::Enum {
                name: "E".into(),
                version: 1,
                variants: variants
                    .into_iter()
                    .zip(3..)
                    .map(|(layouts, tag)| OwnedVariant {
                        name: format!("V{tag}"),
                        tag,
                        fields: fields(layouts)
                    })
                    .collect(),
            }),
        ]
    })
}

fn number(prim: Prim) -> BoxedStrategy<Value> {
    let nat = |max: u128| (0..=max).prop_map(Value::Nat).boxed();
    let int = |max: i128| (!max..=max).prop_map(Value::Int).boxed();
    match prim {
        Prim::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Prim::Char => any::<char>().prop_map(|char| Value::Text(char.into())).boxed(),
        Prim::U8 => nat(u8::MAX.into()),
        Prim::U16 => nat(u16::MAX.into()),
        Prim::U32 => nat(u32::MAX.into()),
        Prim::U64 => nat(u64::MAX.into()),
        Prim::U128 => nat(u128::MAX),
        Prim::I8 => int(i8::MAX.into()),
        Prim::I16 => int(i16::MAX.into()),
        Prim::I32 => int(i32::MAX.into()),
        Prim::I64 => int(i64::MAX.into()),
        Prim::I128 => int(i128::MAX),
        Prim::F32 => any::<f32>().prop_map(|number| Value::Float(number.into())).boxed(),
        Prim::F64 => any::<f64>().prop_map(Value::Float).boxed(),
    }
}

fn records(fields: &[OwnedField]) -> BoxedStrategy<Value> {
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    let values: Vec<_> = fields.iter().map(|field| value(&field.layout)).collect();
    values.prop_map(move |values| Value::Record(names.iter().cloned().zip(values).collect())).boxed()
}

/// Returns the values of a layout.
fn value(layout: &OwnedLayout) -> BoxedStrategy<Value> {
    let bytes = |max: u32| prop::collection::vec(any::<u8>(), 0..=max.min(40) as usize);
    match layout {
        OwnedLayout::Prim(prim) => number(*prim),
        OwnedLayout::NonZero(prim) => {
            let is_zero = |value: &Value| matches!(value, Value::Nat(0) | Value::Int(0));
            number(*prim).prop_filter("not zero", move |value| !is_zero(value)).boxed()
        }
        OwnedLayout::String => any::<String>().prop_map(Value::Text).boxed(),
        OwnedLayout::Text(max) => "[a-z]{0,40}"
            .prop_map({
                let max = *max as usize;
                move |text: String| Value::Text(text.chars().take(max).collect())
            })
            .boxed(),
        OwnedLayout::Principal => {
            bytes(29).prop_map(|bytes| Value::Principal(Principal::from_slice(&bytes))).boxed()
        }
        OwnedLayout::Duration => (any::<u64>(), 0u32..1_000_000_000)
            .prop_map(|(seconds, nanos)| {
                Value::List(vec![Value::Nat(seconds.into()), Value::Nat(nanos.into())])
            })
            .boxed(),
        OwnedLayout::Blob(max) => bytes(*max).prop_map(Value::Blob).boxed(),
        OwnedLayout::Option(inner) => prop_oneof![Just(Value::Null), value(inner)].boxed(),
        OwnedLayout::Result(ok, err) => prop_oneof![
            value(ok).prop_map(|value| Value::Variant("Ok".into(), Box::new(value))),
            value(err).prop_map(|value| Value::Variant("Err".into(), Box::new(value))),
        ]
        .boxed(),
        OwnedLayout::Reverse(inner) => value(inner),
        OwnedLayout::Vec(inner) if inner.is_byte() => bytes(40).prop_map(Value::Blob).boxed(),
        OwnedLayout::Vec(inner) => prop::collection::vec(value(inner), 0..4).prop_map(Value::List).boxed(),
        OwnedLayout::Array(inner, len) if inner.is_byte() => {
            prop::collection::vec(any::<u8>(), *len as usize).prop_map(Value::Blob).boxed()
        }
        OwnedLayout::Array(inner, _) if inner.size() == Some(0) => Just(Value::List(vec![])).boxed(),
        OwnedLayout::Array(inner, len) => {
            prop::collection::vec(value(inner), *len as usize).prop_map(Value::List).boxed()
        }
        OwnedLayout::Tuple(layouts) => {
            layouts.iter().map(value).collect::<Vec<_>>().prop_map(Value::List).boxed()
        }
        OwnedLayout::Struct { fields, .. } => records(fields),
        OwnedLayout::Enum { variants, .. } => {
            let variants = variants.iter().map(|variant| {
                let name = variant.name.clone();
                records(&variant.fields).prop_map(move |value| Value::Variant(name.clone(), Box::new(value)))
            });
            proptest::strategy::Union::new(variants.collect::<Vec<_>>()).boxed()
        }
        OwnedLayout::Opaque { codec } if codec == "nat" || codec == "int" => {
            let is_signed = codec == "int";
            (any::<bool>(), bytes(20))
                .prop_map(move |(negative, bytes)| {
                    let is_negative = is_signed && negative && bytes.iter().any(|byte| *byte != 0);
                    Value::Text(digits(is_negative, &bytes))
                })
                .boxed()
        }
        OwnedLayout::Opaque { .. } => bytes(40).prop_map(Value::Blob).boxed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn encoded_values_are_read_back((layout, value) in layout().prop_flat_map(|layout| {
        let values = value(&layout);
        (Just(layout), values)
    })) {
        let bytes = value.encode(&layout).unwrap();
        prop_assert_eq!(layout.size().unwrap_or(bytes.len()), bytes.len());
        prop_assert_eq!(Value::decode(&layout, &bytes), Ok(value));
    }
}
