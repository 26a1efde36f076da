use graven::{DefaultMemoryImpl, StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct Team {
    #[table(key)]
    id: u64,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(references(Team))]
    team: u64,
}

fn main() {
    let _: graven::Result<Table<User>> = graven::open("users", DefaultMemoryImpl::default());
}
