use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
enum User {
    Known { id: u64 },
}

fn main() {}
