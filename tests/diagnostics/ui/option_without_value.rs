use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version)]
struct User {
    #[layout(since)]
    id: u64,
    #[layout(since = 2, default)]
    age: u8,
}

#[derive(StableLayout)]
#[layout(version(1))]
struct Name(String);

fn main() {}
