use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 4_294_967_295, oldest = 4_294_967_294)]
struct User {
    #[layout(since = 4_294_967_295)]
    id: u64,
}

fn main() {}
