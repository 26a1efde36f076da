//! Fields that are read and written without their records: always what the whole record says.

mod costs;
mod damage;
mod everything;
mod failures;
mod model;
mod views;

use graven::schema::encode;
use graven::{BTreeMap, Cell, Deque, Field, HashMap, Log, Slab, StableLayout, StableVec};
use graven_collection_tests::fields::histories::{V1, V2, V3, V4, V5};
use graven_collection_tests::fields::{Fields, History};
use graven_tests::chains::{dynamic, mixed};
use graven_tests::memory::{Bytes, Limited};

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Address {
    street: String,
    zip: u16,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct User {
    name: String,
    #[layout(since = 2, default = 7)]
    karma: u64,
    r#type: u8,
    address: Box<Address>,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Pair<T, const N: usize>(T, [u8; N]);

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Limits {
    #[layout(field = LOWEST_FIELD)]
    lowest: u32,
}

impl Limits {
    const LOWEST: u32 = 3;
}

const ZIP: Field<User, u16> = User::ADDRESS.unboxed().then(Address::ZIP);

#[test]
fn paths_are_constants_that_compose() {
    let address = Box::new(Address { street: "Hill".into(), zip: 8001 });
    let user = User { name: "Ada".into(), karma: 9, r#type: 3, address: address.clone() };
    let bytes = encode(&user);
    let bytes = bytes.as_slice();
    assert_eq!(ZIP.read(bytes), Ok(8001));
    assert_eq!(User::TYPE.read(bytes), Ok(3));
    assert_eq!(User::KARMA.read(bytes), Ok(9));
    assert_eq!(User::NAME.read(bytes), Ok("Ada".into()));
    assert_eq!(User::ADDRESS.read(bytes), Ok(address));
    assert_eq!(ZIP.to_string(), "address.zip");
    assert_eq!(format!("{:?}", User::TYPE), "Field(type)");
}

#[test]
fn fields_of_tuples_and_of_generic_types_have_paths() {
    let pair = Pair("x".to_owned(), [1, 2]);
    let bytes = encode(&Pair(pair.clone(), [3]));
    type Outer = Pair<Pair<String, 2>, 1>;
    assert_eq!(Outer::F0.read(bytes.as_slice()), Ok(pair));
    assert_eq!(Outer::F1.read(bytes.as_slice()), Ok([3]));
    assert_eq!(Outer::F0.then(Pair::<String, 2>::F1).read(bytes.as_slice()), Ok([1, 2]));
    assert_eq!(Outer::F0.then(Pair::<String, 2>::F0).read(bytes.as_slice()), Ok("x".into()));
}

/// A type whose constant has the name that the path would have.
#[test]
fn a_path_can_have_another_name() {
    assert_eq!(
        Limits::LOWEST_FIELD.read(encode(&Limits { lowest: 8 }).as_slice()),
        Ok(8 * Limits::LOWEST / 3)
    );
}

/// Values of all versions side by side, read and changed by each newer type.
fn mixed<C: Fields<mixed::V1, Memory = Limited<Bytes>>>() {
    let history = History::<C>::new(1).fill(90).change(20);
    let history = history.upgrade::<_, mixed::V2>().change(20).fill(60);
    let history = history.upgrade::<_, mixed::V3>().change(20).fill(60);
    let history = history.upgrade::<_, mixed::V4>().change(20).fill(60);
    let history = history.upgrade::<_, mixed::V5>().change(20).fill(60);
    let _ = history.upgrade::<_, mixed::V6>().fill(20).change(200);
}

fn dynamic<C: Fields<dynamic::V1, Memory = Limited<Bytes>>>() {
    let history = History::<C>::new(2).fill(60);
    let history = history.upgrade::<_, dynamic::V2>().fill(60);
    let history = history.upgrade::<_, dynamic::V3>().fill(60);
    let history = history.upgrade::<_, dynamic::V4>().fill(60);
    let _ = history.upgrade::<_, dynamic::V5>().fill(60);
}

/// Values that were not touched in between are read over several versions at once.
fn light<C: Fields<V1, Memory = Limited<Bytes>>>() {
    let history = History::<C>::new(3).fill(80).change(20);
    let history = history.upgrade::<_, V2>().fill(60).change(20);
    let history = history.upgrade::<_, V3>().fill(60).change(40);
    let history = history.upgrade::<_, V4>().fill(60).change(20);
    let _ = history.upgrade::<_, V5>().fill(60).change(300);
}

macro_rules! histories {
    ($($name:ident: $collection:ty => $($history:ident)+;)*) => {$(
        mod $name {
            use super::*;

            $(
                #[test]
                fn $history() {
                    super::$history::<$collection>();
                }
            )+
        }
    )*};
}

type Map<V> = BTreeMap<u64, V, Limited<Bytes>>;
type Table<V> = HashMap<u64, V, Limited<Bytes>>;
type Numbered<V> = Slab<V, Limited<Bytes>>;
type List<V> = StableVec<V, Limited<Bytes>>;
type Queue<V> = Deque<V, Limited<Bytes>>;
type Journal<V> = Log<V, Limited<Bytes>>;
type Single<V> = Cell<V, Limited<Bytes>>;

histories! {
    maps: Map<_> => mixed dynamic light;
    tables: Table<_> => mixed dynamic light;
    slabs: Numbered<_> => light;
    vectors: List<_> => mixed light;
    deques: Queue<_> => light;
    logs: Journal<_> => light;
    cells: Single<_> => light;
}
