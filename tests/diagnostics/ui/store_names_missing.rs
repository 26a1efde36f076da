use graven::Cell;

#[graven::store]
#[store(dropped())]
struct Forum {
    #[store(renamed)]
    limit: Cell<u64>,
    #[store(renamed = "unit")]
    size: Cell<u64>,
}

fn main() {}
