//! Text and bytes, with bounds and without.

cases! {
    TextBounded text_bounded "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Text<8>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(String, until = 2, with = |old| Text::new(old).unwrap_or_else(|_| Text::new("").unwrap())))]
            value: Text<8>,
        }

        pub type Is = User;
    }
    TextUnbounded text_unbounded "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Text<8>,
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
            #[layout(was(Text<8>, until = 2, with = |old| old.into_inner()))]
            value: String,
        }

        pub type Is = User;
    }
    TextBoundChanged text_bound_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Text<8>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Text<16>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Text<8>, until = 2, with = |old| Text::new(old.into_inner()).unwrap()))]
            value: Text<16>,
        }

        pub type Is = User;
    }
    BytesBounded bytes_bounded "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u8>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Blob<8>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Vec<u8>, until = 2, with = |old| Blob::new(old).unwrap_or_else(|_| Blob::new([]).unwrap())))]
            value: Blob<8>,
        }

        pub type Is = User;
    }
    BytesUnbounded bytes_unbounded "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Blob<8>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u8>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Blob<8>, until = 2, with = |old| old.into_inner()))]
            value: Vec<u8>,
        }

        pub type Is = User;
    }
    BytesBoundChanged bytes_bound_changed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Blob<8>,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Blob<16>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(Blob<8>, until = 2, with = |old| Blob::new(old.into_inner()).unwrap()))]
            value: Blob<16>,
        }

        pub type Is = User;
    }
    TextOrBytes text_or_bytes "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            value: Vec<u8>,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            #[layout(was(String, until = 2, with = String::into_bytes))]
            value: Vec<u8>,
        }

        pub type Is = User;
    }
}
