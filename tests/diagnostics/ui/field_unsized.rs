use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    name: Box<str>,
    parts: Box<[u8]>,
}

fn main() {}
