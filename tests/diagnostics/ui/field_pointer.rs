use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    raw: *const u8,
    call: fn(u8) -> u8,
}

fn main() {}
