use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4294967296)]
struct User {
    id: u64,
}

fn main() {}
