use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4)]
enum Event {
    Started,
    #[layout(since = 3)]
    Stopped {
        #[layout(since = 2)]
        at: u64,
        #[layout(since = 3, default = 1)]
        code: u8,
        #[layout(removed(why: String, since = 2, until = 4))]
        by: u64,
    },
}

fn main() {}
