use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    name: String,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct Team {
    #[table(key)]
    id: u64,
    #[table(index)]
    title: String,
}

fn find(users: &Table<User>) -> u64 {
    users.by(Team::BY_TITLE).count()
}

fn get(users: &Table<User>) -> Option<User> {
    users.by(User::BY_NAME).get("foo")
}

fn main() {}
