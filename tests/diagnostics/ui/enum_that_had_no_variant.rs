use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 3)]
enum Event {
    #[layout(since = 3)]
    Started,
    #[layout(since = 2)]
    Stopped,
}

#[derive(StableLayout)]
#[layout(version = 3)]
#[layout(removed(Over, until = 2, with = || Between::Started))]
enum Between {
    #[layout(since = 3)]
    Started,
}

#[derive(StableLayout)]
#[layout(version = 3)]
enum Replaced {
    #[layout(removed(Over, since = 2, until = 3, with = || Replaced::Started))]
    #[layout(since = 3)]
    Started,
}

fn main() {}
