use graven::StableKey;

#[derive(StableKey)]
enum Never {}

fn main() {}
