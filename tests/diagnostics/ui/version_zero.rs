use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 0)]
struct User {
    id: u64,
}

fn main() {}
