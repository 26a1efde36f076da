use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2, removed(children: Vec<User>, until = 2))]
struct User {
    #[layout(was(Option<Self>, until = 2, with = |_| 0))]
    parent: u64,
}

#[derive(StableLayout)]
#[layout(version = 2, removed(Node([Event; 2]), until = 2, with = |_| Event::Leaf))]
enum Event {
    Leaf,
}

fn main() {}
