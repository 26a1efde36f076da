use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    handler: Box<dyn Fn(u64)>,
}

fn main() {}
