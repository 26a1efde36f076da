use graven::StableLayout;

#[derive(StableLayout)]
struct User {
    id: u64,
}

#[derive(StableLayout)]
#[layout()]
enum Color {
    Red,
}

fn main() {}
