use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    Red = 5,
    #[layout(tag = 7)]
    Green = 6,
}

fn main() {}
