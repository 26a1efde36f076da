use graven::StableKey;

#[derive(StableKey)]
enum Key {
    #[layout(tga = 2)]
    ById(u64),
}

fn main() {}
