use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    Red = 5,
    #[layout(tag = 7)]
    Green = 6,
    Blue = 0x10,
    Black = 1 << 9,
    White = 0x400,
}

fn main() {}
