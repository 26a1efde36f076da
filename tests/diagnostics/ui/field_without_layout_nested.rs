use graven::StableLayout;

struct Address;

#[derive(StableLayout)]
#[layout(version = 1)]
enum User {
    Anonymous,
    Known { addresses: Vec<Address> },
}

fn main() {}
