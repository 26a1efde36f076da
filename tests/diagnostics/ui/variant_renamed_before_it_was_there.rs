use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    Red,
    #[layout(since = 2, renamed(Lime, until = 2))]
    Green,
}

fn main() {}
