use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(name, id, name, until = 2))]
struct User {
    id: u64,
    name: String,
}

fn main() {}
