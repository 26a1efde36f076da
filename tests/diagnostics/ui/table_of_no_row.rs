use graven::{StableLayout, Table};

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    id: u64,
}

#[graven::store]
struct Forum {
    users: Table<User>,
}

fn main() {}
