//! Derived layouts: bytes, descriptors, fingerprints, and what damaged bytes come to.

use std::fmt::Debug;

use graven::StableLayout;
use graven::Text;
use graven::schema::encode;
use graven_core::layout::descriptor::descriptor;
use graven_core::layout::stored::OwnedLayout;

/// Encodes to exactly `bytes`, comes back from them, and from nothing shorter or longer.
#[track_caller]
fn exactly<T: StableLayout + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(encode(&value), bytes);
    assert_eq!(value.encoded_len(), bytes.len());
    assert_eq!(T::decode(bytes).unwrap(), value);
    if let Some(size) = T::SIZE {
        assert_eq!(size, bytes.len());
    }
    for cut in 0..bytes.len() {
        assert!(T::decode(&bytes[..cut]).is_err(), "{cut} of {} bytes", bytes.len());
    }
    assert!(T::decode(&[bytes, &[0]].concat()).is_err(), "a byte too many");
}

fn fingerprint<T: StableLayout>() -> String {
    format!("{:#}", T::LAYOUT.fingerprint())
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Point {
    x: u16,
    y: i32,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct User {
    id: u16,
    name: String,
    active: bool,
    tags: Vec<String>,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Pair(u8, String);

#[derive(Debug, Clone, Copy, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Id(u32);

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Unit;

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Braces {}

#[test]
fn structs() {
    exactly(Point { x: 0x0102, y: -2 }, &[2, 1, 0xfe, 0xff, 0xff, 0xff]);
    exactly(Id(7), &[7, 0, 0, 0]);
    exactly(Pair(9, "ab".into()), &[9, 2, 0, 0, 0, b'a', b'b']);
    exactly(Unit, &[]);
    exactly(Braces {}, &[]);
    assert_eq!(Point::SIZE, Some(6));
    assert_eq!(Pair::SIZE, None);
}

#[test]
fn the_head_holds_what_is_fixed_and_where_the_rest_ends() {
    let user = User { id: 5, name: "Eva".into(), active: true, tags: vec!["x".into()] };
    let tags = [1, 0, 0, 0, 1, 0, 0, 0, b'x'];
    let mut bytes = vec![5, 0, 3, 0, 0, 0, 1, 12, 0, 0, 0, b'E', b'v', b'a'];
    bytes.extend(tags);
    exactly(user, &bytes);
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Color {
    Red,
    Green,
    #[layout(tag = 200)]
    Blue,
    Black,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Shape {
    Empty,
    Circle(u16),
    Rectangle { width: u16, height: u8 },
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Event {
    Started,
    Named(u8, String),
    Moved { to: Point },
}

#[test]
fn enums_of_constant_size_are_filled_up() {
    exactly(Color::Red, &[0]);
    exactly(Color::Green, &[1]);
    exactly(Color::Blue, &[200]);
    exactly(Color::Black, &[201]);
    assert_eq!(Shape::SIZE, Some(4));
    exactly(Shape::Empty, &[0, 0, 0, 0]);
    exactly(Shape::Circle(3), &[1, 3, 0, 0]);
    exactly(Shape::Rectangle { width: 1, height: 2 }, &[2, 1, 0, 2]);
    // A place is overwritten wholly, whatever it held before.
    let mut place = [0xff; 4];
    Shape::Circle(3).encode(&mut place);
    assert_eq!(place, [1, 3, 0, 0]);
}

#[test]
fn enums_of_any_size_end_with_their_variant() {
    assert_eq!(Event::SIZE, None);
    exactly(Event::Started, &[0]);
    exactly(Event::Named(7, "ab".into()), &[1, 7, 2, 0, 0, 0, b'a', b'b']);
    exactly(Event::Moved { to: Point { x: 1, y: 2 } }, &[2, 1, 0, 2, 0, 0, 0]);
}

#[test]
fn damaged_enums_are_errors() {
    let why = |bytes: &[u8]| Shape::decode(bytes).unwrap_err().0;
    assert_eq!(why(&[]), "an enum has no tag");
    assert_eq!(why(&[3, 0, 0, 0]), "an enum has an unknown tag");
    assert_eq!(why(&[0, 0, 0]), "an enum has the wrong length");
    assert_eq!(why(&[1, 3, 0, 1]), "an enum is filled up with other than zeros");
    assert!(Color::decode(&[2]).is_err());
    assert!(Event::decode(&[0, 0]).is_err());
    assert!(Event::decode(&[1, 7, 9, 0, 0, 0, b'a']).is_err());
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Versioned<T, const N: usize>
where
    T: Clone,
{
    value: T,
    all: [T; N],
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Either<L, R = u8> {
    Left(L),
    Right(R),
}

#[test]
fn generics() {
    exactly(Versioned { value: 1u8, all: [2, 3] }, &[1, 2, 3]);
    let texts = Versioned { value: "a".to_string(), all: ["b".to_string()] };
    exactly(texts, &[1, 0, 0, 0, 6, 0, 0, 0, b'a', 1, 0, 0, 0, b'b']);
    assert_eq!(Versioned::<u32, 3>::SIZE, Some(16));
    exactly(Either::<u16>::Left(1), &[0, 1, 0]);
    exactly(Either::<u16>::Right(1), &[1, 1, 0]);
    exactly(Either::<String>::Right(1), &[1, 1]);
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Nested {
    id: Id,
    maybe: Option<Color>,
    pairs: Vec<Pair>,
    points: Vec<Point>,
    both: (Id, Result<Shape, Id>),
    boxed: Box<Text<2>>,
}

#[test]
fn derived_types_within_others() {
    let nested = Nested {
        id: Id(1),
        maybe: Some(Color::Green),
        pairs: vec![Pair(1, "a".into())],
        points: vec![Point { x: 1, y: 2 }],
        both: (Id(2), Ok(Shape::Circle(4))),
        boxed: Box::new("CH".parse().unwrap()),
    };
    let bytes = [
        &[1, 0, 0, 0][..],
        &[1, 1],
        &[14, 0, 0, 0],
        &[20, 0, 0, 0],
        &[2, 0, 0, 0, 0, 1, 4, 0, 0],
        &[2, b'C', b'H'],
        &[1, 0, 0, 0, 6, 0, 0, 0, 1, 1, 0, 0, 0, b'a'],
        &[1, 0, 2, 0, 0, 0],
    ]
    .concat();
    exactly(nested, &bytes);
}

mod keywords {
    use super::StableLayout;

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 1)]
    pub struct Raw {
        pub r#type: u8,
    }
}

#[test]
fn layouts_describe_types_as_written() {
    let stored = OwnedLayout::from(keywords::Raw::LAYOUT);
    let OwnedLayout::Struct { name, version, fields } = &stored else { panic!("{stored:?}") };
    assert_eq!((name.as_str(), *version), ("Raw", 1));
    assert_eq!((fields[0].name.as_str(), &fields[0].layout.to_string()[..]), ("type", "u8"));
    assert_eq!(
        descriptor(Pair::LAYOUT),
        [&[0x30, 4][..], b"Pair", &[1, 0, 0, 0, 2, 0, 1, b'0', 3, 1, b'1', 0x10]].concat()
    );
    let stored = OwnedLayout::from(Color::LAYOUT);
    let OwnedLayout::Enum { variants, .. } = stored else { panic!("{stored:?}") };
    assert_eq!(variants.iter().map(|variant| variant.tag).collect::<Vec<_>>(), [0, 1, 200, 201]);
}

/// Stored values name their layouts by these fingerprints, so they never change.
#[test]
fn fingerprints_are_forever() {
    let fingerprints = [
        fingerprint::<Point>(),
        fingerprint::<User>(),
        fingerprint::<Pair>(),
        fingerprint::<Unit>(),
        fingerprint::<Color>(),
        fingerprint::<Shape>(),
        fingerprint::<Event>(),
        fingerprint::<Versioned<u8, 2>>(),
        fingerprint::<Nested>(),
    ];
    let recorded = [
        "3227e560d970b2cc4306968122cc18a2",
        "a0873adfab8dcc000192c50c4290f1a9",
        "5464725634fc1df5db77a5a0bb76f798",
        "0a0ab5823315eaeaca2951125761310d",
        "ef7f749bd7db77e8573299909a5d2147",
        "aaa6a9a6005cf6d2dff6a4d480050f2e",
        "0d40861e393ae1af3997066ce71b94d8",
        "5ba042fa0ea79f3842c1021a503221a9",
        "3227dbc8015b9c9d4afc04f2897dbdb0",
    ];
    assert_eq!(fingerprints, recorded);
}

mod renamed {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Place {
        _x: u16,
        _y: i32,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Position {
        _x: u16,
        _y: i32,
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct Later {
        _x: u16,
        _y: i32,
    }
}

#[test]
fn the_name_of_a_type_is_not_part_of_its_fingerprint_but_its_version_is() {
    assert_eq!(fingerprint::<renamed::Place>(), fingerprint::<renamed::Position>());
    assert_ne!(fingerprint::<renamed::Place>(), fingerprint::<renamed::Later>());
    assert_ne!(fingerprint::<renamed::Place>(), fingerprint::<Point>(), "fields have other names");
}

mod elsewhere {
    /// As seen from a crate that has `graven` under another name.
    mod storage {
        pub use graven::*;
    }

    #[derive(storage::StableLayout, storage::StableKey)]
    #[layout(version = 1, crate = self::storage)]
    pub struct Moved(#[allow(dead_code)] pub u8);
}

#[test]
fn the_facade_may_have_another_name() {
    assert_eq!(encode(&elsewhere::Moved(3)), [3]);
}

/// Names that programs may have of their own do not get in the way.
#[allow(dead_code, non_camel_case_types)]
mod shadowed {
    struct Option;
    struct Result;
    struct Ok;
    struct Some;
    struct None;
    trait StableLayout {}

    #[derive(graven::StableLayout)]
    #[layout(version = 2)]
    enum Shadow {
        Ok {
            bytes: u8,
            out: u8,
            writer: u8,
            record: u8,
            head: u8,
        },
        #[layout(since = 2)]
        Some(u8),
        None,
    }
}
