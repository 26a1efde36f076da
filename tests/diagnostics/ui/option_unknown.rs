use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, untl = 2))]
    id: u64,
    #[layout(renamed(title, since = 2))]
    name: String,
    #[layout(removed(age: u8, with = 1))]
    note: String,
}

fn main() {}
