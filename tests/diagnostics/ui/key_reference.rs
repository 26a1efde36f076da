use graven::StableKey;

#[derive(StableKey)]
struct Name<'a>(&'a str);

fn main() {}
