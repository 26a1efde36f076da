use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(shade: u8, until = 2))]
enum Color {
    Green,
}

fn main() {}
