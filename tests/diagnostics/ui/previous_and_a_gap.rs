use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct UserV2 {
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 5, previous = UserV2)]
struct User {
    id: u64,
    #[layout(since = 5)]
    name: String,
}

impl From<UserV2> for User {
    fn from(old: UserV2) -> User {
        User { id: old.id, name: String::new() }
    }
}

fn main() {}
