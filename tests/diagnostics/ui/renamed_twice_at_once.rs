use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(renamed(uid, until = 2), renamed(key, until = 2))]
    id: u64,
}

fn main() {}
