use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(name, id, until = 2))]
struct User {
    id: u64,
    #[layout(renamed(title, until = 2))]
    name: String,
}

fn main() {}
