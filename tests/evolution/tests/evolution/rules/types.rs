//! Types in place of others, and versions that do not fit.

cases! {
    NewtypeAdded newtype_added "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u64,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        struct Cents(u64);

        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Cents,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        struct Cents(u64);

        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u64, until = 2, with = Cents))]
            value: Cents,
        }

        pub type Is = User;
    }
    NewtypeRemoved newtype_removed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        struct Cents(u64);

        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Cents,
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
        #[layout(version = 1)]
        struct Cents(u64);

        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Cents, until = 2, with = |old| old.0))]
            value: u64,
        }

        pub type Is = User;
    }
    StructToEnum struct_to_enum "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            active: bool,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum User {
            Active,
            Away,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        struct UserV1 {
            active: bool,
        }

        #[derive(StableLayout)]
        #[layout(version = 2, previous = UserV1)]
        pub enum User {
            Active,
            Away,
        }

        impl From<UserV1> for User {
            fn from(old: UserV1) -> User {
                if old.active { User::Active } else { User::Away }
            }
        }

        pub type Is = User;
    }
    EnumToStruct enum_to_struct "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum User {
            Active,
            Away,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            active: bool,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        enum UserV1 {
            Active,
            Away,
        }

        #[derive(StableLayout)]
        #[layout(version = 2, previous = UserV1)]
        pub struct User {
            active: bool,
        }

        impl From<UserV1> for User {
            fn from(old: UserV1) -> User {
                User { active: matches!(old, UserV1::Active) }
            }
        }

        pub type Is = User;
    }
    TypeReplaced type_replaced "Book" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            name: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct Book {
            title: String,
            pages: u32,
        }

        pub type Is = Book;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        struct User {
            name: String,
        }

        #[derive(StableLayout)]
        #[layout(version = 2, previous = User)]
        pub struct Book {
            title: String,
            pages: u32,
        }

        impl From<User> for Book {
            fn from(old: User) -> Book {
                Book { title: old.name, pages: 0 }
            }
        }

        pub type Is = Book;
    }
    TypeChanged type_changed "User" {
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
            value: String,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u64, until = 2, with = |old| old.to_string()))]
            value: String,
        }

        pub type Is = User;
    }
    VersionNewer version_newer "User" {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            id: u64,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            id: u64,
        }

        pub type Is = User;
    }
    VersionForgotten version_forgotten "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u32,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 4, oldest = 3)]
        pub struct User {
            #[layout(was(u64, until = 4))]
            id: u128,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u32,
        }

        pub type Is = User;
    }
}
