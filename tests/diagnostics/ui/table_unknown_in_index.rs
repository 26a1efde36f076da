use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index(order = descending))]
    name: String,
}

fn main() {}
