//! Derived keys have the order of std's derived `Ord`, and come back from their bytes.

use std::fmt::Debug;

use graven::Reverse;
use graven::key::{decode_key, encode_key};
use graven::{StableKey, StableLayout};
use graven_core::layout::stored::OwnedLayout;
use proptest::prelude::*;

/// Two keys compare as their bytes do, and come back.
#[track_caller]
fn agree<K: StableKey + Ord + Debug>(a: &K, b: &K) {
    let (bytes_a, bytes_b) = (encode_key(a), encode_key(b));
    assert_eq!(bytes_a.as_slice().cmp(bytes_b.as_slice()), a.cmp(b), "{a:?} {b:?}");
    for (key, bytes) in [(a, bytes_a), (b, bytes_b)] {
        assert_eq!(&decode_key::<K>(bytes.as_slice()).unwrap(), key);
        assert!(K::KEY_SIZE.is_none_or(|size| size == bytes.len()));
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey, StableLayout)]
#[layout(version = 1)]
struct Account {
    country: String,
    number: u32,
    name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
struct Pair<A, B = u8>(A, B);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
struct Digest<const N: usize>([u8; N]);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey, StableLayout)]
#[layout(version = 2)]
enum Index {
    Nothing,
    ByName(String),
    #[layout(tag = 9)]
    ByAge {
        age: i16,
        then: String,
    },
    #[layout(since = 2)]
    ByAccount(Account, u8),
    Last,
}

/// Removed variants are in no key, whatever their tags were.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey, StableLayout)]
#[layout(version = 2)]
enum Narrowed {
    #[layout(tag = 5)]
    Low,
    #[layout(removed(Lowest, tag = 2, until = 2, with = || Narrowed::Low))]
    #[layout(removed(Highest, tag = 9, until = 2, with = || Narrowed::High))]
    #[layout(tag = 7)]
    High,
}

/// Discriminants that rise do not change the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, StableKey)]
enum Level {
    Low = -5,
    Middle,
    High = 100,
}

#[test]
fn bytes_are_those_of_the_fields() {
    assert_eq!(encode_key(&Pair::<u16>(1, 2)).as_slice(), [0, 1, 2]);
    assert_eq!(encode_key(&Pair("a".to_string(), "b".to_string())).as_slice(), [b'a', 0, 0, b'b']);
    assert_eq!(encode_key(&Unit).as_slice(), b"");
    assert_eq!(encode_key(&Index::Nothing).as_slice(), [0]);
    assert_eq!(encode_key(&Index::ByName("a".into())).as_slice(), [1, b'a']);
    assert_eq!(encode_key(&Index::ByAge { age: 1, then: "b".into() }).as_slice(), [9, 0x80, 1, b'b']);
    assert_eq!(encode_key(&Index::Last).as_slice(), [11]);
    assert_eq!(encode_key(&Level::High).as_slice(), [2]);
    agree(&Narrowed::Low, &Narrowed::High);
    // What ends a key ends it wherever it is nested; what does not is terminated.
    let nested = Pair(Pair("a".to_string(), "b".to_string()), Pair(1u8, "c".to_string()));
    assert_eq!(encode_key(&nested).as_slice(), [b'a', 0, 0, b'b', 0, 0, 1, b'c']);
}

#[test]
fn sizes() {
    assert_eq!(Unit::KEY_SIZE, Some(0));
    assert_eq!(Pair::<u64>::KEY_SIZE, Some(9));
    assert_eq!(Digest::<32>::KEY_SIZE, Some(32));
    assert_eq!(Level::KEY_SIZE, Some(1));
    assert_eq!(Index::KEY_SIZE, None);
    assert_eq!(Account::KEY_SIZE, None);
}

#[test]
fn keys_have_layouts_without_versions() {
    let OwnedLayout::Struct { name, version, fields } = OwnedLayout::from(Account::KEY) else { panic!() };
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!((name.as_str(), version, names), ("Account", 0, vec!["country", "number", "name"]));
    let OwnedLayout::Enum { name, version, variants } = OwnedLayout::from(Index::KEY) else { panic!() };
    let tags: Vec<u8> = variants.iter().map(|variant| variant.tag).collect();
    assert_eq!((name.as_str(), version, tags), ("Index", 0, vec![0, 1, 9, 10, 11]));
    assert_eq!(format!("{:#}", Index::KEY.fingerprint()), "c0f992f0a9df09c9d16f3d24ed70fa52");
}

#[test]
fn damaged_keys_are_errors() {
    assert!(decode_key::<Index>(&[]).is_err());
    assert!(decode_key::<Index>(&[2]).is_err());
    assert!(decode_key::<Index>(&[0, 0]).is_err());
    assert!(decode_key::<Account>(b"CH").is_err());
    assert!(decode_key::<Pair<u8>>(&[1]).is_err());
    assert!(decode_key::<Pair<u8>>(&[1, 2, 3]).is_err());
}

/// Text full of what is special: zero bytes, and beginnings of one another.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['\0', '\u{1}', 'a', 'b', 'ÿ']), 0..4)
        .prop_map(|chars| chars.into_iter().collect())
}

prop_compose! {
    fn account()(country in text(), number in 0u32..3, name in prop::option::of(text())) -> Account {
        Account { country, number, name }
    }
}

fn index() -> impl Strategy<Value = Index> {
    prop_oneof![
        Just(Index::Nothing),
        text().prop_map(Index::ByName),
        (-2i16..2, text()).prop_map(|(age, then)| Index::ByAge { age, then }),
        (account(), 0u8..2).prop_map(|(account, number)| Index::ByAccount(account, number)),
        Just(Index::Last),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn structs(a in account(), b in account()) {
        agree(&a, &b);
    }

    #[test]
    fn enums(a in index(), b in index()) {
        agree(&a, &b);
    }

    #[test]
    fn nested(a in (index(), text()), b in (index(), text()), last in index()) {
        agree(&Pair(a.0.clone(), a.1.clone()), &Pair(b.0.clone(), b.1));
        agree(&Pair(Reverse(a.0.clone()), last.clone()), &Pair(Reverse(b.0.clone()), last.clone()));
        agree(&(a.0.clone(), Unit, last.clone()), &(a.0, Unit, b.0));
    }

    #[test]
    fn numbers(a: (i64, [u8; 3]), b: (i64, [u8; 3])) {
        agree(&Pair(a.0, Digest(a.1)), &Pair(b.0, Digest(b.1)));
    }

    #[test]
    fn any_bytes_are_a_key_or_an_error(bytes in prop::collection::vec(0u8..12, 0..12)) {
        if let Ok(key) = decode_key::<Index>(&bytes) {
            prop_assert_eq!(encode_key(&key).as_slice().to_vec(), bytes);
        }
    }
}

#[test]
fn discriminants_that_rise() {
    let levels = [Level::Low, Level::Middle, Level::High];
    levels.iter().for_each(|a| levels.iter().for_each(|b| agree(a, b)));
}
