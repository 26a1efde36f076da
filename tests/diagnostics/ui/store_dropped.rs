use graven::BTreeMap;

#[graven::store]
#[store(dropped("users", "log", "people"), dropped("log"))]
struct Forum {
    #[store(renamed("people"))]
    users: BTreeMap<u64, String>,
}

fn main() {}
