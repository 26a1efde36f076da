use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key, auto)]
    id: String,
}

fn main() {}
