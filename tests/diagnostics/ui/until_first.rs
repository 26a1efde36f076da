use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, until = 1))]
    id: u64,
    #[layout(renamed(title, until = 0))]
    name: String,
}

fn main() {}
