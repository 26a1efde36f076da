use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(name, include(karma, karma)))]
struct User {
    #[table(key)]
    id: u64,
    name: String,
    karma: i64,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(name, include(rank)))]
struct Other {
    #[table(key)]
    id: u64,
    name: String,
}

fn main() {}
