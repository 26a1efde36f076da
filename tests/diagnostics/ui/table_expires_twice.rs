use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(expires = team, expires = id)]
struct User {
    #[table(key)]
    id: u64,
    team: u64,
}

fn main() {}
