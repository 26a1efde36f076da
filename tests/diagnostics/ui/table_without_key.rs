use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    id: u64,
    #[table(index)]
    name: String,
}

fn main() {}
