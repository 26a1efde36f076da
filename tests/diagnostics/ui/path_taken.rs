use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User { limit: u8 }

impl User { const LIMIT: u8 = 3; }

fn main() {}
