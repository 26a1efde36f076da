use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(Stopped { at: u64, at: u32 }, until = 2, with = |_, _| Event::Started))]
enum Event {
    Started,
}

fn main() {}
