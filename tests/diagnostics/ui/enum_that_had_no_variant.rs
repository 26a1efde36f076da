use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Event {
    #[layout(since = 3)]
    Started,
    #[layout(since = 2)]
    Stopped,
}

fn main() {}
