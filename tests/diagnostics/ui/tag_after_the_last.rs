use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    #[layout(tag = 255)]
    Red,
    Green,
}

fn main() {}
