use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct First(#[layout(since = 2)] u8, u16);

#[derive(StableLayout)]
#[layout(version = 2, removed(5: u8, until = 2))]
struct Last(u16);

#[derive(StableLayout)]
#[layout(version = 3)]
struct Called(#[layout(since = 3)] u8, #[layout(renamed(3, until = 3), was(u8, until = 2))] u16);

#[derive(StableLayout)]
#[layout(version = 2)]
enum Event {
    Started(#[layout(since = 2)] u8, u16),
}

fn main() {}
