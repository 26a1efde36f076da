//! Graven under another name, by way of another crate, and in the macros of one.

mod framework {
    pub use graven;

    #[macro_export]
    macro_rules! keep {
        ($name:ident { $($field:ident: $ty:ty),* }) => {
            #[$crate::framework::graven::store]
            #[store(crate = $crate::framework::graven)]
            struct $name {
                $($field: $ty),*
            }
        };
    }
}

use framework::graven as db;

#[derive(db::StableLayout)]
#[layout(version = 1, crate = db)]
struct User {
    name: String,
}

#[derive(db::StableKey, PartialEq, Eq, PartialOrd, Ord)]
#[layout(crate = db)]
struct Id(u64);

#[db::store]
#[store(crate = db, dropped("posts"))]
struct Forum {
    users: db::BTreeMap<Id, User>,
}

keep!(Kept { users: db::BTreeMap<Id, User>, count: db::Cell<u64> });

fn main() {
    let mut forum = Forum::open(db::DefaultMemoryImpl::default()).unwrap();
    forum.users.insert(Id(1), User { name: "a".into() });
    assert_eq!(forum.users.get(&Id(1)).unwrap().name, "a");
    assert_eq!(Kept::open(db::DefaultMemoryImpl::default()).unwrap().count.get(), None);
}
