use graven::{BTreeMap, Cell};

#[graven::store(version = 1)]
struct Forum {
    users: BTreeMap<u64, String>,
    limit: Cell<u64>,
}

fn main() {}
