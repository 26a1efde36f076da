#![deny(warnings)]

use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Address {
    zip: String,
}

#[derive(StableLayout)]
#[layout(version = 6, name = "Member")]
#[layout(moved(home, name, uid, until = 2), moved(uid, name, karma, home, until = 3), removed(home: Address, until = 6))]
struct User {
    #[layout(was(u32, until = 5), was(u16, until = 4, with = |old: u16| u32::from(old) + 1))]
    #[layout(renamed(uid, until = 4))]
    id: u64,
    #[layout(since = 2, default = 1 + 1, was(Option<u8>, until = 3, with = Option::unwrap_or_default))]
    karma: u8,
    #[layout(removed(age: u8, since = 3, until = 4), renamed(title, until = 6), renamed(name, until = 5,))]
    name: String,
}

#[derive(StableLayout)]
#[layout(version = 3, moved(0, 1, 2, until = 2), removed(2: u16, until = 3))]
struct Point(
    #[layout(was(u8, until = 3), renamed(1, until = 2))] u32,
    #[layout(was(u16, until = 2, with = |old| old as u8), renamed(0, until = 2))] u8,
);

#[derive(StableLayout)]
#[layout(version = 4, oldest = 3)]
struct Young {
    #[layout(was(u8, until = 4))]
    age: u16,
}

#[derive(StableLayout)]
#[layout(version = 4, previous = Young4, crate = graven)]
struct Old {
    #[layout(since = 4, default = none())]
    r#type: Option<String>,
    #[layout(renamed(r#fn, until = 4))]
    r#mod: u8,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Young4 {
    age: u16,
}

impl From<Young4> for Old {
    fn from(young: Young4) -> Old {
        Old { r#type: None, r#mod: young.age as u8 }
    }
}

fn none() -> Option<String> {
    None
}

#[derive(StableLayout)]
#[layout(version = 2, previous = u64)]
struct Id(u64);

impl From<u64> for Id {
    fn from(id: u64) -> Id {
        Id(id)
    }
}

#[derive(StableLayout)]
#[layout(version = 3, removed(second: T, until = 3))]
struct Pair<T> {
    #[layout(was(Vec<T>, until = 2, with = |mut old| old.remove(0)))]
    first: T,
}

fn main() {
    let (young, point, pair) = (Young { age: 3 }, Point(1, 2), Pair { first: 1u8 });
    let old = Old::from(Young4 { age: 3 });
    let user = User { id: 1, karma: 2, name: String::new() };
    let address = Address { zip: String::new() };
    println!("{} {} {} {} {}", young.age, point.0, point.1, pair.first, Id::from(1).0);
    println!("{:?} {} {} {} {} {}", old.r#type, old.r#mod, user.id, user.karma, user.name, address.zip);
}
