use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct UserV1 {
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = UserV1)]
struct User {
    id: u64,
}

fn main() {}
