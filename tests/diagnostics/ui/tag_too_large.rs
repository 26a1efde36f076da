use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Color {
    #[layout(tag = 256)]
    Red,
}

fn main() {}
