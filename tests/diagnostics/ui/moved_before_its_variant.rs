use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    Red,
    #[layout(since = 2, moved(1, 0, until = 2))]
    Green(u8, u16),
}

fn main() {}
