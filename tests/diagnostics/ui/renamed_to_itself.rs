use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(renamed(id, until = 2))]
    id: u64,
    #[layout(renamed(title, until = 2), renamed(title, until = 3))]
    name: String,
}

fn main() {}
