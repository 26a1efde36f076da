#![deny(warnings)]

use graven::{StableKey, StableLayout};

#[derive(StableLayout)]
#[layout(version = 4)]
#[layout(removed(Gone(String, u8), since = 2, until = 4, tag = 9, with = |name, age| Shape::Named { name, age }))]
enum Shape {
    #[layout(removed(Nothing, until = 2, with = || Shape::Empty))]
    #[layout(renamed(Void, until = 3), tag = 0x01)]
    Empty,
    #[layout(removed(Square { side: u8 }, until = 3, with = |side| Shape::Circle(side.into())))]
    #[layout(since = 2, removed(1: bool, until = 4))]
    Circle(#[layout(was(u8, until = 3))] u16),
    #[layout(moved(years, name, until = 2))]
    Named {
        name: String,
        #[layout(renamed(years, until = 4), removed(email: String, since = 3, until = 4))]
        age: u8,
    },
}

/// A tag may be used again, once what it stood for is gone.
#[derive(StableLayout, StableKey, PartialEq, Eq, PartialOrd, Ord)]
#[layout(version = 3)]
enum Key<T> {
    #[layout(removed(First, until = 2, with = || Key::Second))]
    #[layout(since = 2, tag = 0)]
    Second,
    #[layout(renamed(Last, until = 3))]
    Third(T),
}

fn main() {
    let shapes = [Shape::Empty, Shape::Circle(1), Shape::Named { name: String::new(), age: 1 }];
    let keys = [Key::Second, Key::Third(1u8)];
    println!("{} {}", shapes.map(|shape| shape.encoded_len()).len(), keys.len());
}
