use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    #[layout]
    id: u64,
}

fn main() {}
