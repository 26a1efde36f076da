use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
struct User {
    #[layout(removed(age: u8, since = 3, until = 3))]
    id: u64,
    #[layout(removed(note: u8, since = 3, until = 2))]
    name: String,
}

fn main() {}
