use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma))]
struct User {
    #[table(key)]
    id: u64,
    karma: i64,
}

fn main() {}
