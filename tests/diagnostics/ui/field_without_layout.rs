use graven::StableLayout;

struct Address;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    id: u64,
    address: Address,
}

fn main() {}
