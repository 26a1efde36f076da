use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum {
    #[store(name = "")]
    users: BTreeMap<u64, String>,
    limit: Cell<u64>,
}

fn main() {}
