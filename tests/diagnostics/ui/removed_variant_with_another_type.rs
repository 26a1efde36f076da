use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
enum Color {
    #[layout(removed(Shade(u8), until = 2, with = |shade| shade))]
    Green,
}

fn main() {}
