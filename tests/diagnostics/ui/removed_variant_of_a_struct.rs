use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(Age(u8), until = 2, with = |age| age))]
struct User {
    id: u64,
}

fn main() {}
