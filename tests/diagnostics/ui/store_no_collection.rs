#[graven::store]
struct Forum {
    limit: u64,
}

fn main() {}
