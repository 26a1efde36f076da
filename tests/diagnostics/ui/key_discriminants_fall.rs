use graven::StableKey;

#[derive(StableKey)]
enum Key {
    High = 2,
    Low = 1,
}

fn main() {}
