use graven::StableLayout;

struct UserV1;

#[derive(StableLayout)]
#[layout(version = 2, previous = UserV1)]
struct User {
    id: u64,
}

impl From<UserV1> for User {
    fn from(_: UserV1) -> User {
        User { id: 0 }
    }
}

fn main() {}
