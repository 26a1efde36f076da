use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, oldest = 3)]
struct User {
    id: u64,
}

fn main() {}
