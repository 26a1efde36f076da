use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(age, name, until = 2))]
struct User {
    id: u64,
    name: String,
    age: u8,
}

fn main() {}
