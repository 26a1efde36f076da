use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    id: u64,
    #[layout(since = 3)]
    email: String,
}

fn main() {}
