use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(removed(Rgb(u8, u8), until = 2, with = |red| Color::Green))]
    Green,
}

fn main() {}
