use std::rc::Rc;

use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    name: Rc<String>,
    address: std::sync::Arc<String>,
}

fn main() {}
