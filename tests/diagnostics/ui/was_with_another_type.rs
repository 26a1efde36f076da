use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(u32, until = 2, with = |old| old.to_string()))]
    id: u64,
}

fn main() {}
