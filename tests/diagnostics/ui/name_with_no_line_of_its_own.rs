use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1, name = "#user")]
struct Hash(u64);

#[derive(StableLayout)]
#[layout(version = 1, name = "user ")]
struct Space(u64);

#[derive(StableLayout)]
#[layout(version = 1, name = "user\nv2")]
struct Line(u64);

fn main() {}
