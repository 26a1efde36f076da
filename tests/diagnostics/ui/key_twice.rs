use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, version = 2)]
struct User {
    #[layout(since = 2, since = 2)]
    id: u64,
}

fn main() {}
