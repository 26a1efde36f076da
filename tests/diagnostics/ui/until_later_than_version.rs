use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(renamed(uid, until = 3))]
    id: u64,
}

fn main() {}
