use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Shape {
    Circle {
        #[layout(field = THE_RADIUS)]
        radius: u8,
    },
}

fn main() {}
