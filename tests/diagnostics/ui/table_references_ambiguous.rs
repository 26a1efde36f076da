use graven::{StableLayout, Table};

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

#[graven::store]
struct App {
    users: Table<User>,
    teams: Table<Team>,
    others: Table<Team>,
}

fn main() {}
