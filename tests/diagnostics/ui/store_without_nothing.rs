#[graven::store]
#[store(without())]
struct Empty {
    users: graven::BTreeMap<u64, u64>,
}

#[graven::store]
#[store(without)]
struct Missing {
    users: graven::BTreeMap<u64, u64>,
}

#[graven::store]
#[store(without(close))]
struct Unknown {
    users: graven::BTreeMap<u64, u64>,
}

fn main() {}
