use graven::{BTreeMap, StableLayout};

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    name: String,
}

fn main() {
    let mut users: BTreeMap<u64, User> =
        graven::open("users", graven::DefaultMemoryImpl::default()).unwrap();
    users.set_field(&1, User::NAME, "Ada".to_owned());
}
