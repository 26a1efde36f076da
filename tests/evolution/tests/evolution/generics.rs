//! Bounds are on the types of fields: a parameter that is not stored itself needs no layout.

use graven::key::{decode_key, encode_key};
use graven::schema::encode;
use graven::{StableKey, StableLayout};
use graven_evolution_tests::read;

trait Chain: 'static {
    type Address: StableLayout;
}

struct Mainnet;

impl Chain for Mainnet {
    type Address = [u8; 4];
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Account<C: Chain> {
    owner: C::Address,
    balance: u128,
}

#[test]
fn the_associated_type_of_a_parameter_is_stored() {
    let account = Account::<Mainnet> { owner: [1, 2, 3, 4], balance: 5 };
    let bytes = encode(&account);
    let read = Account::<Mainnet>::decode(&bytes).unwrap();
    assert_eq!((read.owner, read.balance, bytes.len()), ([1, 2, 3, 4], 5, 20));
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Pool")]
struct Pool1<C: Chain> {
    owners: Vec<C::Address>,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = Pool1<C>)]
struct Pool<C: Chain> {
    first: Option<C::Address>,
}

impl<C: Chain> From<Pool1<C>> for Pool<C> {
    fn from(old: Pool1<C>) -> Self {
        Pool { first: old.owners.into_iter().next() }
    }
}

#[test]
fn the_previous_type_is_generic_as_well() {
    let pool = read::<Pool1<Mainnet>, Pool<Mainnet>>(&Pool1 { owners: vec![[1; 4], [2; 4]] });
    assert_eq!(pool.first, Some([1; 4]));
}

/// A type without a layout of its own whose values are stored as numbers.
struct Wrapped<T>(u32, std::marker::PhantomData<fn() -> T>);

impl<T: Marker> StableLayout for Wrapped<T> {
    const LAYOUT: &'static graven::schema::Layout = u32::LAYOUT;

    fn encoded_len(&self) -> usize {
        4
    }

    fn encode(&self, out: &mut [u8]) {
        self.0.encode(out);
    }

    fn decode(bytes: &[u8]) -> Result<Self, graven::schema::Invalid> {
        Ok(Wrapped(u32::decode(bytes)?, std::marker::PhantomData))
    }
}

trait Marker: 'static {}

impl Marker for Mainnet {}

#[derive(StableLayout)]
#[layout(version = 1, bound = "T: Marker")]
struct Bounded<T> {
    wrapped: Wrapped<T>,
    #[layout(field = SECOND)]
    other: Option<Wrapped<T>>,
}

fn stored<T: Marker>(value: u32) -> Vec<u8> {
    encode(&Bounded::<T> { wrapped: Wrapped(value, std::marker::PhantomData), other: None })
}

#[test]
fn given_bounds_replace_those_on_fields() {
    let bytes = stored::<Mainnet>(7);
    let read = Bounded::<Mainnet>::decode(&bytes).unwrap();
    assert_eq!((read.wrapped.0, read.other.is_none()), (7, true));
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, StableKey)]
struct Route {
    from: String,
    to: u16,
    number: u64,
}

#[test]
fn a_derived_key_begins_with_its_leading_fields() {
    let key = Route { from: "Bern".into(), to: 3, number: 9 };
    let bytes = encode_key(&key);
    assert_eq!(decode_key::<Route>(bytes.as_slice()).unwrap(), key);
    for prefix in [prefix::<Route>(&("Bern".to_owned(),)), prefix::<Route>(&("Bern".to_owned(), 3u16))] {
        assert!(bytes.as_slice().starts_with(&prefix) && prefix.len() < bytes.as_slice().len());
    }
    assert!(!bytes.as_slice().starts_with(&prefix::<Route>(&("Ber".to_owned(),))));
}

fn prefix<K: StableKey>(prefix: &impl graven::key::KeyPrefix<K>) -> Vec<u8> {
    let mut out = graven::key::KeyBuf::new();
    prefix.write_prefix(&mut out, true);
    out.as_slice().to_vec()
}
