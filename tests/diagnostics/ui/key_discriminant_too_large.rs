use graven::StableKey;

#[derive(StableKey)]
#[repr(u128)]
enum Kind {
    Most = 170141183460469231731687303715884105727,
    More,
}

fn main() {}
