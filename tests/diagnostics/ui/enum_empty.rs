use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum Never {}

fn main() {}
