use graven::StableLayout;

#[derive(StableLayout)]
#[layout(vesion = 1)]
struct User {
    id: u64,
}

fn main() {}
