use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Color {
    #[layout(removed(Red, until = 3, with = || Color::Green))]
    #[layout(tag = 1)]
    Green,
    #[layout(since = 2, tag = 0)]
    Blue,
}

fn main() {}
