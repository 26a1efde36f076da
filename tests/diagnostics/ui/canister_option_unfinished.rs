#[graven::store]
struct Forum {
    limit: graven::Cell<u64>,
}

graven::canister!(Forum, sweep);
graven::canister!(Forum, sweep = 1_000_000 init = set_up);

fn main() {}
