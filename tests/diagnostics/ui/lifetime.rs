use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User<'a> {
    name: &'a str,
}

fn main() {}
