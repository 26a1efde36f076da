use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Color {
    #[layout(removed(Red, until = 2))]
    #[layout(removed(Rgb(u8, u8, u8), until = 2))]
    #[layout(removed(Named { name: String }, until = 3))]
    Green,
}

fn main() {}
