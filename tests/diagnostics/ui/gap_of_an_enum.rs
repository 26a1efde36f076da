use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Color {
    Red,
    #[layout(since = 2)]
    Green,
}

fn main() {}
