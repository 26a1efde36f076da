use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, codec = json)]
enum Event {
    #[layout(since = 9)]
    Started { at: usize },
    #[layout(tag = 0)]
    Named(&'static str, #[layout(default = 1)] u8),
}

// What uses a type with errors is not reported as well.
#[derive(StableLayout)]
#[layout(version = 1)]
struct Log {
    events: Vec<Event>,
}

fn main() {}
