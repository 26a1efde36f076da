use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(name, id))]
struct User {
    #[layout(was(u32))]
    id: u64,
    #[layout(renamed(title))]
    name: String,
    #[layout(removed(age: u8))]
    note: String,
}

fn main() {}
