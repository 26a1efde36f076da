use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Unit;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Units {
    units: Vec<Unit>,
}

fn main() {}
