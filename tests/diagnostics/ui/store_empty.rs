use graven::{BTreeMap, Cell};

#[graven::store]
struct Forum {}

struct Used(BTreeMap<u64, String>, Cell<u64>);

fn main() {}
