use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    country: u8,
    #[table(key, auto)]
    id: u64,
}

fn main() {}
