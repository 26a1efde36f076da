#[graven::store]
struct Forum {
    limit: graven::Cell<u64>,
}

graven::canister!(Forum, init = set_up, sweep = 1_000_000, init = again);
graven::canister!(Forum, post_upgrade = set_up, post_upgrade = again);
graven::canister!(Forum, sweep = 1_000_000, sweep = 2_000_000);
graven::canister!(Forum, memory = here(), memory = there());
graven::canister!(Forum, hooks = none, hooks = none);
graven::canister!(Forum, expire = every_minute(), expire = every_hour());
graven::canister!(Forum, ask = controllers, ask = anyone);
graven::canister!(Forum, explorer, explorer = anyone);
graven::canister!(Forum, explorer = anyone, explorer);
graven::canister!(Forum, metrics, metrics);
graven::canister!(Forum, metrics, metrics = none);

fn main() {}
