use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(usize, until = 2, with = |old| old as u64))]
    id: u64,
}

fn main() {}
