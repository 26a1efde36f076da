use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(since = 3, was(u32, until = 2))]
    id: u64,
}

fn main() {}
