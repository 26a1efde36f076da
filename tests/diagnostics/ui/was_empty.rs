use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(was())]
    id: u64,
    #[layout(was)]
    name: String,
}

fn main() {}
