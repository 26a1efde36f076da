use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(removed(Green, until = 2, with = || Color::Green))]
    Green,
}

fn main() {}
