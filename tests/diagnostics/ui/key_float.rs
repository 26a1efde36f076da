use graven::StableKey;

#[derive(StableKey)]
struct Price {
    amount: f64,
    parts: (u8, Option<f32>),
}

fn main() {}
