use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    Red,
    #[layout(tag = 0)]
    Green,
    #[layout(tag = 3)]
    Blue,
    #[layout(tag = 2)]
    Black,
    White,
}

fn main() {}
