use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum {
    #[store(rename = "people")]
    users: BTreeMap<u64, String>,
    limit: Cell<u64>,
}

fn main() {}
