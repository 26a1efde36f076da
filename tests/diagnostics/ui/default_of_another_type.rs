use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    id: u64,
    #[layout(since = 2, default = "none")]
    age: u8,
}

fn main() {}
