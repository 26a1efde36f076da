use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(was(u32, until = 2, until = 3))]
    id: u64,
}

fn main() {}
