use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3, previous = User)]
struct User {
    id: u64,
}

#[derive(StableLayout)]
#[layout(version = 3, previous = Self)]
struct Name(String);

#[derive(StableLayout)]
#[layout(version = 1, previous = Vec<Log>)]
struct Log(Vec<u64>);

#[derive(StableLayout)]
#[layout(version = 2, previous = (u8, Option<Page<T>>))]
struct Page<T>(T);

fn main() {}
