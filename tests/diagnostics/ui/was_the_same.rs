use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u64, until = 2))]
    id: u64,
}

fn main() {}
