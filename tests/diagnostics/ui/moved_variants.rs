use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(Green, Red, until = 2))]
enum Color {
    Red,
    Green,
}

fn main() {}
