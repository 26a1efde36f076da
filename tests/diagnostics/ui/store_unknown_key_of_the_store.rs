use graven::Cell;

#[graven::store]
#[store(renamed("forum"))]
struct Forum {
    limit: Cell<u64>,
}

fn main() {}
