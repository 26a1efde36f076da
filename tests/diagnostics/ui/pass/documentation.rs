// The examples of docs/evolution.md.
#![allow(dead_code)]

use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Money {
    cents: u64,
}

#[derive(StableLayout)]
#[layout(version = 5)]
#[layout(moved(name, id, age, balance, until = 2))] // the order that version 1 had, in the names it had
#[layout(removed(note: String, since = 2, until = 4))] // was after all other fields
struct User {
    #[layout(was(u32, until = 3))]                 // u64::from(old)
    id: u64,
    #[layout(removed(age: u8, until = 3))]         // was before `full_name`
    #[layout(renamed(name, until = 4))]
    full_name: String,
    #[layout(since = 2, default = 1)]              // a value, or a call; without `default`, `Default::default()`
    level: u8,
    #[layout(was(u64, until = 5, with = |cents| Money { cents }))]
    balance: Money,
}

#[derive(StableLayout)]
#[layout(version = 3)]
#[layout(removed(Other(String), until = 3, with = |_| Color::Red))] // was after all others
enum Color {
    Red,
    #[layout(removed(Gray, until = 2, with = || Color::Red))]       // was before `Green`, and keeps its tag
    #[layout(renamed(Lime, until = 2))]
    Green,
    #[layout(since = 2)]
    Shade {
        level: u8,
        #[layout(since = 3, default = 255)]                         // fields have attributes as in structs
        alpha: u8,
    },
}

fn main() {}
