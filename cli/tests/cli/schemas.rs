//! A canister's types over the years.

#![allow(dead_code)]

use graven::{BTreeMap, Cell, StableLayout};

pub mod first {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub age: u8,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum State {
        Active,
        Paused { at: u64 },
        Named(String, u8),
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
        pub states: BTreeMap<u64, Option<State>>,
        pub limit: Cell<u64>,
    }
}

pub mod second {
    use super::*;
    pub use first::State;

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct User {
        pub name: String,
        pub age: u8,
        #[layout(since = 2, default = 10)]
        pub karma: u64,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
        pub states: BTreeMap<u64, Option<State>>,
        pub limit: Cell<u64>,
        pub events: BTreeMap<u64, String>,
    }
}

/// Does not read version 1 any more.
pub mod forgetful {
    use super::*;
    pub use first::State;

    #[derive(StableLayout)]
    #[layout(version = 2, oldest = 2)]
    pub struct User {
        pub name: String,
        pub age: u8,
        pub karma: u64,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
        pub states: BTreeMap<u64, Option<State>>,
        pub limit: Cell<u64>,
        pub events: BTreeMap<u64, String>,
    }
}

/// Another branch's version 2.
pub mod rival {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub struct User {
        pub name: String,
        pub age: u8,
        #[layout(since = 2)]
        pub rank: u8,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
    }
}

/// Reads versions 1 and 2 with the old type.
pub mod third {
    use super::*;
    pub use first::State;
    pub use second::User as UserV2;

    #[derive(StableLayout)]
    #[layout(version = 3, previous = UserV2)]
    pub struct User {
        pub names: Vec<String>,
    }

    impl From<UserV2> for User {
        fn from(old: UserV2) -> Self {
            User { names: vec![old.name] }
        }
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
        pub states: BTreeMap<u64, Option<State>>,
        pub limit: Cell<u64>,
        pub events: BTreeMap<u64, String>,
    }
}

/// Changes what was shipped, and drops a root.
pub mod broken {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub age: u16,
        pub email: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum State {
        Active,
        Paused { at: u64 },
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
        pub states: BTreeMap<u64, Option<State>>,
    }
}

/// Types in types, which evolve on their own clocks.
pub mod nested {
    use super::*;

    macro_rules! years {
        ($($year:ident $versions:tt $fields:tt)*) => {$(
            pub mod $year {
                use super::*;

                #[derive(StableLayout)]
                #[layout $versions]
                pub struct Address $fields

                #[derive(StableLayout)]
                #[layout(version = 2)]
                pub enum Contact {
                    None,
                    Post(Vec<Address>),
                    #[layout(since = 2)]
                    Mail(String),
                }

                #[graven::store]
                pub struct Shop {
                    pub contacts: BTreeMap<u64, (u8, Option<Contact>)>,
                }
            }
        )*};
    }

    years! {
        old (version = 2) { pub zip: u16, #[layout(since = 2)] pub city: String }
        same (version = 3) {
            pub zip: u16,
            #[layout(since = 2)] pub city: String,
            #[layout(since = 3)] pub street: String,
        }
        forgetful (version = 3, oldest = 2) {
            pub zip: u16,
            pub city: String,
            #[layout(since = 3)] pub street: String,
        }
    }
}

/// A generic type twice, and two types of one name.
pub mod names {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Pair<T> {
        pub value: T,
        pub note: String,
    }

    pub mod other {
        use super::*;

        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            pub rights: Vec<u16>,
        }
    }

    #[graven::store]
    pub struct Generic {
        pub numbers: BTreeMap<u64, Pair<u64>>,
        pub words: BTreeMap<u64, Pair<String>>,
    }

    #[graven::store]
    pub struct Twice {
        pub users: BTreeMap<u64, first::User>,
        pub admins: BTreeMap<u64, other::User>,
    }
}
