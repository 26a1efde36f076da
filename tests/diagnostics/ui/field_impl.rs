use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    name: Box<dyn ToString>,
    names: Option<std::collections::BTreeSet<Vec<std::collections::HashMap<u8, u8>>>>,
}

fn main() {}
