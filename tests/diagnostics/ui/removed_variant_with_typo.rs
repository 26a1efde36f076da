use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(removed(Red, until = 2, wiht = || Color::Green))]
    Green,
}

fn main() {}
