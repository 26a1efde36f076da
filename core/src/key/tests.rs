//! Tests of all key types: encodings sort as std sorts the keys, keys decode to themselves, and
//! other bytes are errors.

use core::cmp::Reverse;
use core::fmt::Debug;
use core::marker::PhantomData;
use core::num::{NonZeroI32, NonZeroU64};
use core::time::Duration;

use ic_principal::Principal;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::layout::{Blob, Text};

type Bytes = Vec<u8>;

fn bytes<K: StableKey>(key: &K) -> Bytes {
    encode_key(key).as_slice().to_vec()
}

/// Checks two keys alone, with a part after them, and in reverse.
fn ordered<K: StableKey + Ord + Debug>(a: K, b: K) {
    assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b), "{a:?} {b:?}");
    for key in [&a, &b] {
        let encoded = bytes(key);
        assert_eq!(decode_key::<K>(&encoded).as_ref(), Ok(key));
        assert!(K::KEY_SIZE.is_none_or(|size| size == encoded.len()), "{key:?}");
    }
    let (a, b) = ((a, 7u8), (b, 7u8));
    assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b), "{a:?} {b:?}");
    for key in [&a, &b] {
        assert_eq!(decode_key::<(K, u8)>(&bytes(key)).as_ref(), Ok(key));
    }
    let (a, b) = (Reverse(a), Reverse(b));
    assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b), "{a:?} {b:?}");
}

/// Checks that bytes are either an error or the encoding of the key that they decode to.
fn canonical<K: StableKey>(any: &[u8]) {
    if let Ok(key) = decode_key::<K>(any) {
        assert_eq!(bytes(&key), any);
    }
}

fn text() -> impl Strategy<Value = String> {
    "[\\x00\\x01ab\u{ff}\u{10ffff}]{0,4}"
}

macro_rules! orders {
    ($($name:ident: $key:ty, $strategy:expr;)+) => {
        proptest! {
            $(#[test]
            fn $name(a in $strategy, b in $strategy, any in vec(prop_oneof![Just(0u8), Just(1), Just(255), any::<u8>()], 0..24)) {
                ordered::<$key>(a, b);
                canonical::<$key>(&any);
                canonical::<($key, u8)>(&any);
                canonical::<Reverse<$key>>(&any);
            })+
        }
    };
}

orders! {
    numbers_are_in_order: (u16, i64), any::<(u16, i64)>();
    large_numbers_are_in_order: (i128, u128), any::<(i128, u128)>();
    non_zero_numbers_are_in_order: (NonZeroU64, NonZeroI32), any::<(NonZeroU64, NonZeroI32)>();
    floats_are_in_their_total_order: TotalF64, any::<u64>().prop_map(|bits| TotalF64(f64::from_bits(bits)));
    short_floats_are_in_their_total_order: TotalF32, any::<u32>().prop_map(|bits| TotalF32(f32::from_bits(bits)));
    durations_are_in_order: Duration, any::<Duration>();
    principals_are_in_order: Principal, vec(any::<u8>(), 0..30).prop_map(|bytes| Principal::from_slice(&bytes));
    texts_are_in_order: (String, String), (text(), text());
    bounded_texts_are_in_order: Text<16>, text().prop_map(|text| Text::new(text).unwrap());
    blobs_are_in_order: (Blob<4>, Vec<u8>), (vec(0u8..3, 0..4), vec(0u8..3, 0..4)).prop_map(|(a, b)| (Blob::new(a).unwrap(), b));
    lists_of_numbers_are_in_order: Vec<u16>, vec(0u16..3, 0..4);
    lists_of_texts_are_in_order: Vec<String>, vec(text(), 0..4);
    lists_of_lists_are_in_order: Vec<Vec<Vec<i8>>>, vec(vec(vec(-1i8..2, 0..3), 0..3), 0..3);
    lists_of_nothing_are_in_order: Vec<()>, vec(Just(()), 0..4);
    arrays_are_in_order: [String; 2], [text(), text()];
    arrays_of_bytes_are_in_order: [u8; 3], any::<[u8; 3]>();
    results_are_in_order: Result<String, u16>, prop_oneof![text().prop_map(Ok), any::<u16>().prop_map(Err)];
    options_are_in_order: Option<(String, Option<u8>)>, any::<Option<u8>>().prop_flat_map(|o| proptest::option::of((text(), Just(o))));
    boxes_are_in_order: Box<(String, bool)>, (text(), any::<bool>()).prop_map(Box::new);
    reversed_keys_are_in_order: Reverse<(String, Vec<u16>)>, (text(), vec(0u16..3, 0..3)).prop_map(Reverse);
    nested_compounds_are_in_order: ((String, String), String), ((text(), text()), text());
    phantoms_take_no_bytes: (PhantomData<str>, u8), any::<u8>().prop_map(|n| (PhantomData, n));
    units_take_no_bytes: (String, ()), text().prop_map(|text| (text, ()));
}

#[test]
fn the_bytes_of_lists_and_results_are_those_of_the_format() {
    assert_eq!(bytes(&vec![7u16, 300]), [1, 0, 7, 1, 1, 0x2c]);
    assert_eq!(bytes(&(vec![7u16], 1u8)), [1, 0, 7, 0, 1]);
    assert_eq!(bytes(&Err::<u8, u8>(7)), [1, 7]);
    assert_eq!(bytes(&Duration::new(1, 2)), [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    assert_eq!(bytes(&vec![1u8, 0]), [1, 0], "bytes have no marks");
}

#[test]
fn damaged_keys_are_errors() {
    assert!(decode_key::<u64>(&[0; 7]).is_err());
    assert!(decode_key::<u64>(&[0; 9]).is_err());
    assert!(decode_key::<(String, u8)>(&[b'a', 0, 1, 1]).is_err());
    assert!(decode_key::<(String, u8)>(b"abc").is_err());
    assert!(decode_key::<String>(&[0xff]).is_err());
    assert!(decode_key::<NonZeroU64>(&[0; 8]).is_err());
    assert!(decode_key::<Vec<u16>>(&[1, 0]).is_err());
    assert!(decode_key::<Vec<u16>>(&[2]).is_err());
    assert!(decode_key::<(Vec<u16>, u8)>(&[1, 0, 7]).is_err());
    assert!(decode_key::<Result<u8, u8>>(&[2, 0]).is_err());
    assert!(decode_key::<Duration>(&[0xff; 12]).is_err());
    assert!(decode_key::<PhantomData<u8>>(&[0]).is_err());
}

#[test]
fn the_end_of_a_prefix() {
    let end = |bytes: &[u8]| KeyBuf::from(bytes).after_prefix().map(|end| end.as_slice().to_vec());
    assert_eq!(end(b"ab"), Some(b"ac".to_vec()));
    assert_eq!(end(&[1, 0xff]), Some(vec![2]));
    assert_eq!(end(&[0xff, 0xff]), None);
}

/// Checks that `lent` has the encoding of `key`.
fn stands_for<K: StableKey, Q: KeyRef<K> + ?Sized>(key: K, lent: &Q) {
    let mut written = KeyBuf::new();
    lent.write_ref(&mut written, true);
    assert_eq!(written.as_slice(), bytes(&key));
    let mut first = KeyBuf::new();
    lent.write_ref(&mut first, false);
    let key = (key, ());
    assert_eq!(first.as_slice(), bytes(&key));
}

#[test]
fn borrowed_parts_stand_for_compound_keys() {
    let ab = || String::from("a\0b");
    stands_for(Text::<9>::new("ab").unwrap(), "ab");
    stands_for(vec![1u16, 2], &[1u16, 2]);
    stands_for(Blob::<9>::new([1]).unwrap(), [1u8].as_slice());
    stands_for((ab(), 1u64), &("a\0b", 1));
    stands_for((1u64, ab()), &(1, "a\0b"));
    stands_for((ab(), ab()), &("a\0b", "a\0b"));
    stands_for((1u8, ab(), 2u16), &(1, "a\0b", 2));
    stands_for((ab(), 1u8, ab()), &("a\0b", 1, "a\0b"));
    stands_for((1u8, 2u8, 3u8, ab()), &(1, 2, 3, "a\0b"));
    stands_for((Text::<9>::new("ab").unwrap(), 1i8), &("ab", 1));
    stands_for((vec![0u8, 1], 1i8), &(&[0u8, 1][..], 1));
    stands_for((1i8, Blob::<9>::new([0]).unwrap()), &(1, &[0u8][..]));
}

/// Checks that the keys `yes` begin with a prefix and that the keys `no` do not.
fn begins<K: StableKey, P: KeyPrefix<K> + ?Sized>(prefix: &P, yes: &[K], no: &[K]) {
    let mut written = KeyBuf::new();
    prefix.write_prefix(&mut written, true);
    assert!(yes.iter().all(|key| bytes(key).starts_with(written.as_slice())));
    assert!(!no.iter().any(|key| bytes(key).starts_with(written.as_slice())));
    // The same where another part follows the key.
    let mut written = KeyBuf::new();
    prefix.write_prefix(&mut written, false);
    let begins = |key: &K| {
        let mut bytes = KeyBuf::new();
        key.write_key(&mut bytes, false);
        bytes.as_slice().starts_with(written.as_slice())
    };
    assert!(yes.iter().all(begins) && !no.iter().any(begins));
}

#[test]
fn prefixes_go_by_parts() {
    let of = |a: &str, b: &str| (String::from(a), String::from(b));
    begins(&("a",), &[of("a", ""), of("a", "b")], &[of("a\0", "b"), of("ab", ""), of("", "a")]);
    begins(&(String::from("a"),), &[of("a", "")], &[of("ab", "")]);
    begins(&("a", "b"), &[of("a", "b"), of("a", "bc")], &[of("a", ""), of("ab", ""), of("a", "c")]);
    begins(&(1u8, 2u8, "b"), &[(1u8, 2u8, String::from("bc"))], &[(1, 3, String::from("b"))]);
    begins(&(1u8, &[0u8, 1][..]), &[(1u8, vec![0u8, 1, 2])], &[(1, vec![0]), (2, vec![0, 1])]);
    begins(&(1u8, &[2u8]), &[(1u8, [2u8, 3])], &[(1, [3, 2])]);
    begins(&(1, 2, 3, 4), &[(1u8, 2u8, 3u8, 4u8, 5u8)], &[(1, 2, 3, 5, 4)]);
    begins(
        &(1, "b"),
        &[(1u8, String::from("b"), 3u8, 4u8, 5u8, 6u8)],
        &[(1, String::from("bc"), 3, 4, 5, 6)],
    );
    begins(&[1u8, 2], &[[1u8, 2, 3]], &[[1, 3, 2]]);
    begins(["a".to_string()].as_slice(), &[["a", "b"].map(String::from)], &[["ab", "b"].map(String::from)]);
    begins(&[1u16, 2], &[vec![1u16, 2], vec![1, 2, 3]], &[vec![1], vec![1, 3]]);
    begins("ab", &[Text::<9>::new("abc").unwrap()], &[Text::new("a").unwrap()]);
    begins(&(1u8, "ab"), &[(1u8, Text::<9>::new("abc").unwrap())], &[(1, Text::new("a").unwrap())]);
    begins(&(1u8, &(2u8,)), &[(1u8, (2u8, 3u8))], &[(1, (3, 2))]);
    begins([7u8].as_slice(), &[Blob::<4>::new([7, 8]).unwrap()], &[Blob::new([8]).unwrap()]);
}

#[test]
fn a_prefix_of_all_elements_is_the_key_and_of_more_none() {
    begins(&[1u8, 2], &[[1u8, 2]], &[[1, 3]]);
    begins(&[1u8, 2, 3], &[], &[[1u8, 2]]);
}

#[cfg(feature = "candid")]
mod big {
    use candid::{Int, Nat};
    use num_bigint::{BigInt, BigUint};

    use super::*;

    fn magnitude() -> impl Strategy<Value = BigUint> {
        let few = vec(any::<u8>(), 0..4);
        let many = vec(any::<u8>(), 250..260);
        prop_oneof![few, many].prop_map(|bytes| BigUint::from_bytes_le(&bytes))
    }

    fn integer() -> impl Strategy<Value = Int> {
        (magnitude(), any::<bool>()).prop_map(|(number, negative)| {
            let number = BigInt::from(number);
            Int(if negative { -number } else { number })
        })
    }

    orders! {
        natural_numbers_are_in_order: Nat, magnitude().prop_map(Nat);
        integers_are_in_order: Int, integer();
    }

    #[test]
    fn the_length_of_a_natural_number_precedes_its_bytes() {
        assert_eq!(bytes(&Nat::from(0u8)), [0]);
        assert_eq!(bytes(&Nat::from(300u16)), [2, 1, 0x2c]);
        assert_eq!(bytes(&Int::from(-300)), [0, 0xfd, 0xfe, 0xd3]);
        assert_eq!(bytes(&Nat(BigUint::from(1u8) << (8 * 255)))[..6], [0xff, 0, 0, 1, 0, 1]);
        assert!(decode_key::<Nat>(&[0xff, 0, 0, 0, 1, 7]).is_err(), "a short length in the long form");
    }
}
