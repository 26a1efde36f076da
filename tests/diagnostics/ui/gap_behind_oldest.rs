use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 5, oldest = 3)]
struct User {
    id: u64,
    #[layout(since = 5)]
    name: String,
}

fn main() {}
