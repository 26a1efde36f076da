use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(removed(shade, until = 2))]
    Green,
}

fn main() {}
