use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    #[layout(default = 1)]
    Red,
    #[layout(skip)]
    Green,
}

fn main() {}
