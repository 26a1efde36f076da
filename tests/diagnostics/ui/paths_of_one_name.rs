#![allow(non_snake_case)]

use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    userId: u64,
    userid: u64,
    #[layout(field = FIRST)]
    a: u64,
    first: u64,
}

fn main() {}
