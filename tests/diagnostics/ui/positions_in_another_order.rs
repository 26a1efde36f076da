use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(1, 0, until = 2))]
struct Pair(u8, u16);

fn main() {}
