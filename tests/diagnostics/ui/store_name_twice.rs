use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum {
    users: BTreeMap<u64, String>,
    #[store(name = "users")]
    limit: Cell<u64>,
}

fn main() {}
