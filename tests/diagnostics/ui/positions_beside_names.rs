use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(flag: bool, until = 2))]
struct Pair(u8, u16);

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    id: u64,
    #[layout(renamed(1, until = 2))]
    name: String,
}

fn main() {}
