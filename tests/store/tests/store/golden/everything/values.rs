//! The types of values: each encoding of the format, of constant and of any size.

use std::num::{NonZeroI128, NonZeroU8, NonZeroU64};
use std::time::Duration;

use candid::Principal;
use graven::schema::{Invalid, Layout};
use graven::{Blob, StableLayout, Text};

use crate::golden::plain::{Plain, hex, object, record};

record! {
    #[derive(Debug, Default, PartialEq, StableLayout)]
    #[layout(version = 1)]
    struct Primitives {
        a_bool: bool,
        a_char: char,
        a_u8: u8,
        a_u16: u16,
        a_u32: u32,
        a_u64: u64,
        a_u128: u128,
        an_i8: i8,
        an_i16: i16,
        an_i32: i32,
        an_i64: i64,
        an_i128: i128,
        an_f32: f32,
        an_f64: f64,
    }
}

record! {
    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 3)]
    struct Fixed {
        small: NonZeroU8,
        large: NonZeroU64,
        negative: NonZeroI128,
        principal: Principal,
        anonymous: Principal,
        management: Principal,
        duration: Duration,
        blob: Blob<5>,
        long_blob: Blob<300>,
        text: Text<8>,
        some: Option<u16>,
        none: Option<u16>,
        nested: Option<Option<u8>>,
        ok: Result<u8, u32>,
        err: Result<u8, u32>,
        bytes: [u8; 3],
        array: [u16; 3],
        options: [Option<u8>; 2],
        nothing: [u64; 0],
        tuple: (u8, i16, bool),
        one: (u32,),
        unit: (),
        pair: Pair,
        empty: Empty,
        shapes: [Shape; 3],
        boxed: Box<u32>,
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    struct Dynamic {
        text: String,
        number: u16,
        empty: String,
        bytes: Vec<u8>,
        numbers: Vec<u32>,
        texts: Vec<String>,
        no_texts: Vec<String>,
        nested: Vec<Vec<Vec<u8>>>,
        some: Option<String>,
        none: Option<String>,
        some_empty: Option<String>,
        nested_option: Option<Option<String>>,
        ok: Result<u8, String>,
        err: Result<u8, String>,
        array: [String; 2],
        no_array: [String; 0],
        tuple: (u8, String, bool, Vec<u8>),
        events: Vec<Event>,
        shapes: Vec<Shape>,
        inner: Named,
        maybe: Option<Named>,
        many: Vec<Named>,
        last: u8,
    }
}

record! {
    #[derive(Debug, Clone, Default, PartialEq, StableLayout)]
    #[layout(version = 7)]
    struct Named {
        id: u32,
        name: String,
    }
}

record! {
    #[derive(Debug, Default, PartialEq, StableLayout)]
    #[layout(version = 1)]
    struct Empty {}
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
pub(super) struct Pair(pub(super) u8, pub(super) u16);

impl Plain for Pair {
    fn plain(&self) -> String {
        object(&[("0", self.0.plain()), ("1", self.1.plain())])
    }
}

/// Of constant size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub(super) enum Shape {
    Empty,
    Circle(u16),
    #[layout(tag = 200)]
    Rectangle {
        width: u16,
        height: u8,
    },
}

impl Plain for Shape {
    fn plain(&self) -> String {
        match self {
            Shape::Empty => object(&[("Empty", object(&[]))]),
            Shape::Circle(radius) => object(&[("Circle", object(&[("0", radius.plain())]))]),
            Shape::Rectangle { width, height } => {
                let fields = object(&[("width", width.plain()), ("height", height.plain())]);
                object(&[("Rectangle", fields)])
            }
        }
    }
}

/// Of any size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 4)]
pub(super) enum Event {
    Started,
    Named(u8, String),
    Drawn { shape: Shape, notes: Vec<String> },
}

impl Plain for Event {
    fn plain(&self) -> String {
        match self {
            Event::Started => object(&[("Started", object(&[]))]),
            Event::Named(number, name) => {
                object(&[("Named", object(&[("0", number.plain()), ("1", name.plain())]))])
            }
            Event::Drawn { shape, notes } => {
                object(&[("Drawn", object(&[("shape", shape.plain()), ("notes", notes.plain())]))])
            }
        }
    }
}

/// Bytes that only a codec understands.
#[derive(Debug, PartialEq)]
pub(super) struct Coded(pub(super) Vec<u8>);

impl StableLayout for Coded {
    const LAYOUT: &'static Layout = &Layout::Opaque { codec: "golden" };

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        Ok(Coded(bytes.to_vec()))
    }
}

impl Plain for Coded {
    fn plain(&self) -> String {
        hex(&self.0)
    }
}
