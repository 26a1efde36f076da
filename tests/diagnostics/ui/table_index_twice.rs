use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(unique(name))]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    name: String,
}

fn main() {}
