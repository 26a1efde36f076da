use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    #[layout(since = 1)]
    id: u64,
}

fn main() {}
