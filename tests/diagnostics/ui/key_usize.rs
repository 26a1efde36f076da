use graven::StableKey;

#[derive(StableKey)]
struct Index(usize);

fn main() {}
