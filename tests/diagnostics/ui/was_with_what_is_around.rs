use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, until = 2, with = |old| u64::from(old) + bytes.len() as u64))]
    id: u64,
}

fn main() {}
