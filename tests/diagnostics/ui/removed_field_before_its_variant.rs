use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Color {
    Red,
    #[layout(since = 3, removed(shade: u8, until = 2))]
    Green,
}

fn main() {}
