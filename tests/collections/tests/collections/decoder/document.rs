//! The examples in the document itself.

use super::bytes::{hex, unhex};
use super::contents::Contents;
use super::descriptor::Type;
use super::hash::{hash, place_of};
use super::image;
use super::key::{decode_key, key_size};
use super::value::{Value, decode, size};

const DOCUMENT: &str = include_str!("../../../../../docs/format.md");

const SHAPE: &str = "31 05 5368617065 01000000 0300  05 456d707479 00 0000  06 436972636c65 01 0100 01 30 04
    09 52656374616e676c65 02 0200 05 7769647468 04 06 686569676874 03";
/// `enum Event { Started, Named(u8, String) }`.
const EVENT: &str =
    "31 05 4576656e74 01000000 0200  07 53746172746564 00 0000  05 4e616d6564 01 0200 0130 03 0131 10";

fn of(descriptor: &str) -> Type {
    Type::parse(&unhex(descriptor))
}

fn number(number: u128, size: usize) -> Value {
    Value::Unsigned(number, size)
}

fn string(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn some(value: Value) -> Value {
    Value::Option(Some(Box::new(value)))
}

fn variant<const N: usize>(name: &str, fields: [(&str, Value); N]) -> Value {
    Value::Variant {
        name: name.to_owned(),
        fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

fn place(name: &str, zip: u128, tags: &[&str]) -> Value {
    let tags = Value::List(tags.iter().map(|tag| string(tag)).collect());
    let fields = [("name", string(name)), ("zip", number(zip, 2)), ("tags", tags)];
    Value::Struct(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Section 8.
#[test]
fn fingerprints() {
    let point = of("30 05 506f696e74 02000000 0200 01 78 04 01 79 0a");
    assert_eq!(hex(&point.fingerprint()), "4316d8aec9b9cad8b9bd31560dc81bc4");
    assert_eq!(hex(&of(SHAPE).fingerprint()), "aaa6a9a6005cf6d2dff6a4d480050f2e");
}

/// Section 10.
#[test]
fn values() {
    let place_type = "30 05 506c616365 01000000 0300 04 6e616d65 10 03 7a6970 04 04 74616773 23 10";
    let zurich = "07 00 00 00 41 1f 16 00 00 00 5a c3 bc 72 69 63 68
        02 00 00 00 01 00 00 00 03 00 00 00 61 62 63";
    let principal = Value::Principal(unhex("00 00 00 00 00 00 00 01 01 01"));
    let tuple =
        Value::Tuple(vec![number(1, 2), string("ab"), Value::Bool(true), Value::List(vec![number(7, 4)])]);
    let examples = [
        (place_type, zurich, place("Zürich", 8001, &["a", "bc"])),
        ("25 0400 04 10 01 23 05", "01 00 02 00 00 00 01 06 00 00 00 61 62 07 00 00 00", tuple),
        ("24 02000000 10", "01 00 00 00 03 00 00 00 78 79 7a", Value::List(vec![string("x"), string("yz")])),
        ("21 10", "01 61 62", some(string("ab"))),
        ("21 05", "00 00 00 00 00", Value::Option(None)),
        ("21 10", "00", Value::Option(None)),
        ("22 03 05", "00 09 00 00 00", Value::Result(Ok(Box::new(number(9, 1))))),
        ("22 03 10", "01 6e 6f", Value::Result(Err(Box::new(string("no"))))),
        ("14 04000000", "02 61 62 00 00", string("ab")),
        ("12", "05 00 00 00 00 00 00 00 07 00 00 00", Value::Duration { seconds: 5, nanoseconds: 7 }),
        ("11", &format!("0a 00 00 00 00 00 00 00 01 01 01 {}", "00".repeat(19)), principal),
        (SHAPE, "00 00 00 00", variant("Empty", [])),
        (SHAPE, "01 03 00 00", variant("Circle", [("0", number(3, 2))])),
        (SHAPE, "02 01 00 02", variant("Rectangle", [("width", number(1, 2)), ("height", number(2, 1))])),
        (EVENT, "00", variant("Started", [])),
        (EVENT, "01 07 02 00 00 00 61 62", variant("Named", [("0", number(7, 1)), ("1", string("ab"))])),
    ];
    for (descriptor, bytes, value) in examples {
        assert_eq!(decode(&of(descriptor), &unhex(bytes)), value);
    }
    assert_eq!(size(&of(SHAPE)), Some(4));
}

/// Section 11.
#[test]
fn keys() {
    let pair = |first, second| Value::Tuple(vec![first, second]);
    let examples = [
        ("05", "00 00 1f 41", number(8001, 4)),
        ("09", "7f fe", Value::Signed(-2, 2)),
        ("09", "81 2c", Value::Signed(300, 2)),
        ("10", "61 62", string("ab")),
        ("25 0200 10 05", "61 00 ff 62 00 00 00 00 1f 41", pair(string("a\0b"), number(8001, 4))),
        ("25 0200 05 10", "00 00 1f 41 61 00 62", pair(number(8001, 4), string("a\0b"))),
        ("26 10", "9e 9d ff ff", Value::Reverse(Box::new(string("ab")))),
        ("25 0200 21 10 03", "01 61 62 00 00 01", pair(some(string("ab")), number(1, 1))),
        ("25 0200 10 25 0000", "61 00 00", pair(string("a"), Value::Tuple(vec![]))),
        ("23 04", "01 00 07 01 01 2c", Value::List(vec![number(7, 2), number(300, 2)])),
        ("25 0200 23 04 03", "01 00 07 00 01", pair(Value::List(vec![number(7, 2)]), number(1, 1))),
        ("22 03 03", "01 07", Value::Result(Err(Box::new(number(7, 1))))),
        ("0d", "40 7f ff ff", Value::F32(-1.0)),
        ("0d", "bf 80 00 00", Value::F32(1.0)),
        ("20 04", "00 07", number(7, 2)),
        ("12", "00 00 00 00 00 00 00 05 00 00 00 07", Value::Duration { seconds: 5, nanoseconds: 7 }),
        ("32 03 6e6174", "02 01 2c", Value::Opaque(vec![0x2c, 1])),
        ("32 03 696e74", "00 fd fe d3", Value::Opaque(vec![0xd4, 0xfe])),
        ("32 03 696e74", "01 01 80", Value::Opaque(vec![0x80, 0])),
    ];
    for (descriptor, bytes, key) in examples {
        let of = of(descriptor);
        let bytes = unhex(bytes);
        assert_eq!(decode_key(&of, &bytes), key);
        assert!(key_size(&of).is_none_or(|size| size == bytes.len()));
    }
    assert_eq!(key_size(&of("26 25 0200 24 02000000 04 11")), Some(34));
    assert_eq!(key_size(&of("24 00000000 10")), None);
}

/// Section 9.
#[test]
fn hashes() {
    let bytes: Vec<u8> = (0..32).collect();
    let vectors: [(u64, &[u8], u64); 9] = [
        (0, b"", 0),
        (0, &[0; 8], 0xc584_133a_c916_ab3c),
        (0, &[0, 0, 0, 0, 0, 0, 0, 1], 0xc085_f238_f405_c99b),
        (0x0123_4567_89ab_cdef, &[0, 0, 0x1f, 0x41], 0x7ac9_5ecd_50ab_aa1c),
        (0x0123_4567_89ab_cdef, &[0, 0, 0, 0, 0, 0, 0x1f, 0x41], 0xef3d_70d0_2a6f_3b6c),
        (7, b"ab", 0xafb9_5503_3829_fd1e),
        (7, b"ab\0", 0x1aac_4122_9e10_2a88),
        (7, &bytes, 0x60bc_6e4c_6527_dcc5),
        (7, "Zürich HB".as_bytes(), 0xe2dd_d2f2_ff1e_156b),
    ];
    for (seed, key, expected) in vectors {
        assert_eq!(hash(seed, key), expected, "{key:?}");
    }
    let places = [
        (0, 0),
        (1, 0x0000_0005_4000_0016),
        (0xc584_133a_c916_ab3c, 0x36d0_4005_22aa_a560),
        (0x7ac9_5ecd_50ab_aa1c, 0x6f67_3557_55ba_6360),
        (u64::MAX, 0xffff_fff5_4000_0016),
    ];
    for (hash, expected) in places {
        assert_eq!(place_of(hash), expected, "{hash:x}");
    }
}

/// Section 12.
#[test]
fn one_memory() {
    let mut bytes = Vec::new();
    DOCUMENT.lines().for_each(|line| image::put(&mut bytes, line));
    let contents = Contents::of(&bytes);
    let listed: Vec<_> = contents
        .roots
        .iter()
        .map(|listed| {
            let records = listed.records.iter().map(|record| (record.key.clone(), record.value.clone()));
            (listed.root.name.as_str(), records.collect::<Vec<_>>())
        })
        .collect();
    let expected = [
        ("limit", vec![(None, number(10, 8))]),
        ("places", vec![(Some(number(7, 4)), place("X", 1, &[])), (Some(number(9, 4)), place("Y", 2, &[]))]),
    ];
    assert_eq!(listed, expected);
}
