use graven::StableKey;

#[derive(StableKey)]
enum Key {
    #[layout(tag = 2)]
    ById(u64),
    #[layout(tag = 1)]
    ByName(String),
}

fn main() {}
