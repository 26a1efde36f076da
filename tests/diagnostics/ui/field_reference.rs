use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    name: &'static str,
    parts: &'static [u8],
    other: &'static u64,
}

fn main() {}
