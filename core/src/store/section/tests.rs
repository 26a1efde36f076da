//! A section that was written is read back, and other bytes are refused.

use super::{Unreadable, parse, to_vec};
use crate::evolution::{
    Check, EnumHistory, FieldHistory, GONE, History, STILL, StructHistory, VariantHistory,
};
use crate::layout::stored::OwnedLayout;
use crate::layout::{Field, Layout, Prim, StableLayout, Variant};
use crate::store::{CollectionKind, RootSpec};

type Row = (u64, Option<[Vec<String>; 2]>, Result<(), u8>);

static COLOR_LAYOUT: Layout = Layout::Enum {
    name: "Color",
    version: 3,
    variants: &[
        Variant { name: "Red", tag: 0, fields: &[] },
        Variant { name: "Named", tag: 7, fields: &[Field { name: "0", layout: &Layout::Text(9) }] },
    ],
};

static COLOR: History = History::Enum(EnumHistory {
    layout: &COLOR_LAYOUT,
    first: 2,
    previous: Some(&History::Plain(&Layout::Prim(Prim::U8))),
    variants: &[
        VariantHistory {
            name: "Named",
            tag: 7,
            since: 3,
            until: STILL,
            target: 1,
            fields: &[form("0", 3, STILL, 0, &History::Plain(&Layout::Text(9)))],
        },
        VariantHistory { name: "Red", tag: 0, since: 1, until: STILL, target: 0, fields: &[] },
        VariantHistory { name: "Blue", tag: 1, since: 1, until: 3, target: 2, fields: &[] },
    ],
});

static USER_LAYOUT: Layout = Layout::Struct {
    name: "User",
    version: 4,
    fields: &[
        Field { name: "id", layout: &Layout::Prim(Prim::U64) },
        Field { name: "colors", layout: &Layout::Vec(&COLOR_LAYOUT) },
    ],
};

static USER: History = History::Struct(StructHistory {
    layout: &USER_LAYOUT,
    first: 1,
    previous: None,
    fields: &[
        form("number", 1, 2, 0, &History::Plain(&Layout::Prim(Prim::U32))),
        form("id", 2, STILL, 0, &History::Plain(&Layout::Prim(Prim::U64))),
        form("age", 1, 4, GONE, &History::Plain(&Layout::Prim(Prim::U8))),
        form("colors", 3, STILL, 1, &History::Vec(&COLOR)),
    ],
});

const fn form(
    name: &'static str,
    since: u32,
    until: u32,
    target: u16,
    history: &'static History,
) -> FieldHistory {
    FieldHistory { name, since, until, target, step: 0, history }
}

fn roots() -> [RootSpec; 3] {
    let users = RootSpec {
        value: &USER_LAYOUT,
        value_fingerprint: USER_LAYOUT.fingerprint(),
        history: &USER,
        ..RootSpec::new::<u8>("users", CollectionKind::BTreeMap, Some(<(u64, String)>::LAYOUT))
    };
    [
        RootSpec::new::<Row>("rows", CollectionKind::BTreeMap, Some(u8::LAYOUT)),
        users,
        RootSpec::new::<u64>("limit", CollectionKind::Cell, None),
    ]
}

#[test]
fn what_was_written_is_read() {
    let read = parse(&to_vec(&roots(), &[])).unwrap();
    assert_eq!(format!("{:?}", read.roots), format!("{:?}", roots()));
    assert_eq!(to_vec(&read.roots, &read.dropped), to_vec(&roots(), &[]));
}

#[test]
fn cut_bytes_are_an_error() {
    let bytes = to_vec(&roots(), &[]);
    for cut in 0..bytes.len() {
        assert!(matches!(parse(&bytes[..cut]), Err(Unreadable::Invalid(_))), "{cut}");
    }
    assert!(parse(&[bytes.as_slice(), &[0]].concat()).is_err());
}

/// Checks that every section that can be read can be compared.
#[test]
fn flipped_bytes_never_panic() {
    let (bytes, roots) = (to_vec(&roots(), &[]), roots());
    let mut good = 0;
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0x10, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            let Ok(specs) = parse(&bytes) else { continue };
            good += 1;
            for (spec, root) in specs.roots.iter().zip(&roots) {
                let mut check = Check::default();
                check.root(spec.name, spec.declaration());
                check.plan(&OwnedLayout::from(root.value), spec.history);
                check.plan(&OwnedLayout::from(spec.value), root.history);
            }
        }
    }
    assert!(good > 100, "{good}");
}

#[test]
fn other_formats_are_told_apart() {
    let mut bytes = to_vec(&[], &[]);
    bytes[4] = 9;
    assert_eq!(parse(&bytes).unwrap_err(), Unreadable::Newer(9));
    bytes[4] = 1;
    assert_eq!(parse(&bytes).unwrap_err(), Unreadable::Older(1));
}

#[test]
fn nesting_has_an_end() {
    let nested = |levels: usize, byte: u8| {
        let history = [vec![byte; levels], vec![6]].concat();
        let mut bytes = to_vec(&[], &[]);
        bytes[6] = 1;
        bytes.truncate(8);
        bytes.extend([1, 1, b'x', 0, 0, 0, 0, 0, 0]);
        bytes.extend((history.len() as u32).to_le_bytes());
        bytes.extend(history);
        bytes.extend([0, 0]);
        parse(&bytes)
    };
    assert_eq!(nested(63, 0x21).unwrap().roots[0].value.size(), Some(71));
    assert!(nested(64, 0x21).is_err());
    assert!(nested(1_000_000, 0x23).is_err());
    assert!(nested(1_000_000, 0x26).is_err());
}
