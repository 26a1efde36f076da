use graven::StableLayout;

struct Old;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was(Old, until = 2, with = |_| 0))]
    id: u64,
    #[layout(removed(old: Old, until = 2))]
    name: String,
}

fn main() {}
