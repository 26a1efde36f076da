use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    id: u64,
    #[layout(since = 2)]
    name: String,
}

fn main() {}
