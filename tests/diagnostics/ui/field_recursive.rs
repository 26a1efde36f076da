use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Tree {
    left: Option<Box<Tree>>,
    right: Option<Box<Self>>,
    others: Vec<Tree>,
}

fn main() {}
