use graven::{StableKey, StableLayout};

#[derive(StableKey, StableLayout)]
#[layout(version = 1)]
enum Key {
    #[layout(skip)]
    ById(usize),
}

fn main() {}
