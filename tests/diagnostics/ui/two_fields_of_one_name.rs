use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(removed(id: u32, until = 2))]
    id: u64,
    #[layout(renamed(id, until = 3))]
    name: String,
}

fn main() {}
