#[graven::store]
struct Forum {
    users: graven::BTreeMap<u64, String>,
    #[cfg(test)]
    tests: graven::Cell<u64>,
}

fn main() {}
