use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
union Bits {
    float: f32,
    integer: u32,
}

fn main() {}
