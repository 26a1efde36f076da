use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User<T> {
    #[table(key)]
    id: u64,
    more: T,
}

fn main() {}
