use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    count: usize,
    offsets: Vec<Option<isize>>,
}

fn main() {}
