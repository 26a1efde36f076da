use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4)]
struct User {
    #[layout(was(u32, until = 4))]
    id: u64,
    #[layout(since = 2)]
    name: String,
}

fn main() {}
