use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    Red,
    #[layout(since = 2)]
    Green,
}

fn main() {}
