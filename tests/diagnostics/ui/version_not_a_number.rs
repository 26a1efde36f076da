use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = "1")]
struct User {
    id: u64,
}

fn main() {}
