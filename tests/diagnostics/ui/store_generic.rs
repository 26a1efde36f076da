use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum<T> {
    users: BTreeMap<u64, T>,
    limit: Cell<u64>,
}

fn main() {}
