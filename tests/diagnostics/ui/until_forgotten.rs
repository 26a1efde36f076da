use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4, oldest = 3)]
struct User {
    #[layout(was(u32, until = 3))]
    id: u64,
    #[layout(was(u32, until = 4))]
    age: u64,
}

fn main() {}
