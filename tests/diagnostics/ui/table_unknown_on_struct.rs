use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(key(id))]
struct User {
    id: u64,
}

fn main() {}
