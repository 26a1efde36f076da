use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(tag = 255, removed(Red, tag = 254, until = 2, with = || Color::Green))]
    Green,
    #[layout(removed(Blue, until = 2, with = || Color::Green), since = 2, tag = 3)]
    Black,
}

fn main() {}
