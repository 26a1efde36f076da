use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, until = 5000000000))]
    id: u64,
}

fn main() {}
