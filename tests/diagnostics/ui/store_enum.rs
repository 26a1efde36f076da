use graven::{BTreeMap, Cell};

#[graven::store]
enum Forum {
    Users(BTreeMap<u64, String>),
    Limit(Cell<u64>),
}

fn main() {}
