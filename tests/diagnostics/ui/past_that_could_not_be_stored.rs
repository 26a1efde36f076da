use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(hits: usize, until = 2))]
struct User {
    #[layout(was(&'static str, until = 2, with = String::from))]
    name: String,
}

#[derive(StableLayout)]
#[layout(version = 2, removed(Read(std::rc::Rc<u8>), until = 2, with = |_| Event::Started))]
enum Event {
    Started,
}

fn main() {}
