use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(by = length -> u32))]
struct User {
    #[table(key)]
    id: u64,
    name: String,
}

fn length(user: &User) -> usize {
    user.name.len()
}

fn main() {}
