use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(expires = team)]
struct User {
    #[table(key)]
    id: u64,
    team: String,
}

fn main() {}
