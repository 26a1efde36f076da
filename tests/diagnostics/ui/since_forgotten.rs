use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4, oldest = 3)]
struct User {
    #[layout(since = 3)]
    id: u64,
}

fn main() {}
