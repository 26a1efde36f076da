use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4)]
struct User {
    id: u64,
    #[layout(since = 4)]
    name: String,
}

fn main() {}
