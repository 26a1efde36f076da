use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, until = 2), was(u16, until = 2))]
    id: u64,
}

fn main() {}
