use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1, encoding = json)]
struct User {
    id: u64,
}

fn main() {}
