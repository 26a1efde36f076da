use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    on_login: fn(u64),
    id: isize,
    names: [str; 2],
}

fn main() {}
