use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct User {
    #[layout(removed(age, until = 2))]
    id: u64,
}

fn main() {}
