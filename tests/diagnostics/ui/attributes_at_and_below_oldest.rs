use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 6, oldest = 4, moved(name, id, until = 3))]
struct User {
    #[layout(since = 4)]
    id: u64,
    #[layout(was(u8, until = 2), renamed(old, until = 4))]
    name: u16,
    #[layout(since = 5, removed(note: u8, since = 2, until = 6))]
    age: u8,
}

fn main() {}
