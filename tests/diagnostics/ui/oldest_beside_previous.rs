use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3, previous = u32, oldest = 2)]
struct User {
    id: u64,
}

fn main() {}
