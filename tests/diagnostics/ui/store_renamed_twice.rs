use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum {
    #[store(renamed("people", "users", "people"))]
    users: BTreeMap<u64, String>,
    #[store(renamed("people", "limit"))]
    members: BTreeMap<u64, String>,
    limit: Cell<u64>,
}

fn main() {}
