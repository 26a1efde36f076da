//! Values that became several, or none, and back.

cases! {
    OptionAdded option_added "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u64,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Option<u64>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u64, until = 2))]
            value: Option<u64>,
        }

        pub type Is = User;
    }
    OptionRemoved option_removed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Option<u64>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u64,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Option<u64>, until = 2, with = Option::unwrap_or_default))]
            value: u64,
        }

        pub type Is = User;
    }
    ListAdded list_added "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u64,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u64>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u64, until = 2, with = |old| vec![old]))]
            value: Vec<u64>,
        }

        pub type Is = User;
    }
    ListRemoved list_removed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u64>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u64,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Vec<u64>, until = 2, with = |old| old.into_iter().sum()))]
            value: u64,
        }

        pub type Is = User;
    }
    ArrayLengthChanged array_length_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: [u8; 2],
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: [u8; 3],
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was([u8; 2], until = 2, with = |old| [old[0], old[1], 0]))]
            value: [u8; 3],
        }

        pub type Is = User;
    }
    ArrayOrList array_or_list "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: [u16; 2],
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u16>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was([u16; 2], until = 2, with = Vec::from))]
            value: Vec<u16>,
        }

        pub type Is = User;
    }
    TupleLengthChanged tuple_length_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: (u8, u8),
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: (u8, u8, u8),
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was((u8, u8), until = 2, with = |(a, b)| (a, b, 0)))]
            value: (u8, u8, u8),
        }

        pub type Is = User;
    }
}
