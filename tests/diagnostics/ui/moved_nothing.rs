use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
#[layout(moved(id, name, until = 2))]
#[layout(moved(id, name, until = 3))]
struct User {
    name: String,
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 2, moved(value, until = 2))]
struct One {
    value: u64,
}

#[derive(StableLayout)]
#[layout(version = 2)]
enum Event {
    #[layout(moved(at, by, until = 2))]
    Started { at: u64, by: u64 },
}

fn main() {}
