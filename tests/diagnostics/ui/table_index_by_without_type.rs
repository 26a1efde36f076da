use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(by = lowercase))]
struct User {
    #[table(key)]
    id: u64,
    name: String,
}

fn lowercase(user: &User) -> String {
    user.name.to_lowercase()
}

fn main() {}
