//! Numbers of another kind.

cases! {
    NumberWidened number_widened "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u32,
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
            #[layout(was(u32, until = 2))]
            value: u64,
        }

        pub type Is = User;
    }
    NumberNarrowed number_narrowed "User" {
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
            value: u32,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u64, until = 2, with = |old| old.try_into().unwrap_or(u32::MAX)))]
            value: u32,
        }

        pub type Is = User;
    }
    NumberSignChanged number_sign_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: i64,
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
            #[layout(was(i64, until = 2, with = |old| old.try_into().unwrap_or(0)))]
            value: u64,
        }

        pub type Is = User;
    }
    NumberKindChanged number_kind_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u8,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: bool,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u8, until = 2, with = |old| old != 0))]
            value: bool,
        }

        pub type Is = User;
    }
    NonZeroAdded non_zero_added "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u8,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: NonZeroU8,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(u8, until = 2, with = |old| old.try_into().unwrap_or(NonZeroU8::MIN)))]
            value: NonZeroU8,
        }

        pub type Is = User;
    }
    NonZeroRemoved non_zero_removed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: NonZeroU8,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: u8,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(NonZeroU8, until = 2))]
            value: u8,
        }

        pub type Is = User;
    }
}
