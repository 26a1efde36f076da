#[graven::store]
struct Forum {
    limit: graven::Cell<u64>,
}

graven::canister!(Forum, init = set_up, hooks = none);
graven::canister!(Forum, hooks = none, post_upgrade = after);

fn main() {}
