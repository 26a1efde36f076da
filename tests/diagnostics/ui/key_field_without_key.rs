use graven::StableKey;

struct Address;

#[derive(StableKey)]
struct Key {
    id: u64,
    address: Address,
}

fn main() {}
