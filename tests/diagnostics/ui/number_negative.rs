use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = -1)]
enum Event {
    #[layout(since = -2)]
    Started,
    #[layout(tag = -3)]
    Stopped,
}

fn main() {}
