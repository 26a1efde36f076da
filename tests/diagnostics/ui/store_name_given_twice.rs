use graven::Cell;

#[graven::store]
struct Forum {
    #[store(name = "limit", name = "max")]
    most: Cell<u64>,
}

fn main() {}
