use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
enum List {
    End,
    Item(u8, Box<List>),
}

fn main() {}
