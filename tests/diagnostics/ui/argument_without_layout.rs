use graven::StableLayout;

struct Address;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Holder<T> {
    held: T,
}

fn stored<T: StableLayout>() {}

fn main() {
    stored::<Holder<u64>>();
    stored::<Holder<Address>>();
}
