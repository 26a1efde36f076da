use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, since = 2)]
struct User {
    #[layout(version = 1)]
    id: u64,
    #[layout(tag = 1)]
    name: String,
}

fn main() {}
