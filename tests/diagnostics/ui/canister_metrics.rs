#[graven::store]
struct Forum {
    limit: graven::Cell<u64>,
}

graven::canister!(Forum, metrics = "/metrics");

fn main() {}
