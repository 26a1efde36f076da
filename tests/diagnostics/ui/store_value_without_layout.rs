use graven::BTreeMap;

struct User;

#[graven::store]
struct Forum {
    users: BTreeMap<u64, User>,
}

fn main() {}
