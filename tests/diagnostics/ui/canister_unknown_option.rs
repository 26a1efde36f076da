#[graven::store]
struct Forum {
    limit: graven::Cell<u64>,
}

graven::canister!(Forum, inti = set_up);

fn main() {}
