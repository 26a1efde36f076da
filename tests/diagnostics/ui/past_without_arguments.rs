use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, moved(until = 2), removed())]
struct User {
    #[layout(was(until = 2), renamed(until = 2))]
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Name(#[layout(renamed(until = 2))] String);

#[derive(StableLayout)]
#[layout(version = 2)]
struct Age(#[layout(removed(until = 2))] u8);

fn main() {}
