use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(renamed(Red, until = 2))]
    Red,
}

fn main() {}
