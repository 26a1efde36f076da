use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct UserV1 {
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = UserV1)]
struct User {
    id: u64,
}

impl From<UserV1> for User {
    fn from(old: UserV1) -> User {
        User { id: old.id }
    }
}

fn main() {}
