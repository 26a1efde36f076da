use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(default = 7)]
    id: u64,
}

fn main() {}
