use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(name, id, until = 2), moved(id, name, until = 2))]
struct User {
    id: u64,
    name: String,
}

fn main() {}
