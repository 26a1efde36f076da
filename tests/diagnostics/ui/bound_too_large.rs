use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Page {
    text: graven::Text<0x1_0000_0000>,
}

const LAYOUT: &graven::schema::Layout = Page::LAYOUT;

fn main() {}
