use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(since = 3, renamed(uid, until = 2))]
    id: u64,
}

fn main() {}
