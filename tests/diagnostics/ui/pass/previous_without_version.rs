use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, previous = u64)]
struct User {
    id: u64,
}

impl From<u64> for User {
    fn from(id: u64) -> User {
        User { id }
    }
}

fn main() {}
