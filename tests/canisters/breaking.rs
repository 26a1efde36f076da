// The collections of both versions. Each has records of two types: those of one have one size.

use graven::{
    BTreeMap, Cell, Deque, HashMap, Log, Nested, RankedMap, Records, Slab, StableLayout, StableVec, Table,
};

#[graven::store]
struct Breaking {
    texts: BTreeMap<u64, Text>,
    points: BTreeMap<(u8, String), Point>,
    hashed: HashMap<String, Text>,
    buckets: HashMap<u64, Point>,
    array: StableVec<Point>,
    lines: Deque<Text>,
    log: Log<Point>,
    slab: Slab<Text>,
    cell: Cell<Text>,
    ranked: RankedMap<u64, Text>,
    nested: Nested<u8, BTreeMap<u64, Text>>,
    lists: Nested<u8, Deque<Point>>,
    records: Records<u64, Text, Deque<Text>>,
    rows: Table<Row>,
}
