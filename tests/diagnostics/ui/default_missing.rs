use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Id(u64);

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    name: String,
    #[layout(since = 2)]
    id: Id,
}

fn main() {}
