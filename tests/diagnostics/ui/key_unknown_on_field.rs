use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    #[layout(rename = "uid")]
    id: u64,
}

fn main() {}
