//! Fields and variants that came, went, or changed names or places.

cases! {
    FieldAdded field_added "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            karma: u32,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            id: u64,
            #[layout(since = 2, default = 0)]
            karma: u32,
        }

        pub type Is = User;
    }
    FieldRemoved field_removed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            age: u8,
            name: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            name: String,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            id: u64,
            #[layout(removed(age: u8, until = 2))]
            name: String,
        }

        pub type Is = User;
    }
    FieldRenamed field_renamed "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            name: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            full_name: String,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub struct User {
            id: u64,
            #[layout(renamed(name, until = 2))]
            full_name: String,
        }

        pub type Is = User;
    }
    FieldMoved field_moved "User" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            id: u64,
            name: String,
        }

        pub type Was = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub struct User {
            name: String,
            id: u64,
        }

        pub type Is = User;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2, moved(id, name, until = 2))]
        pub struct User {
            name: String,
            id: u64,
        }

        pub type Is = User;
    }
    VariantAdded variant_added "Color" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Green,
        }

        pub type Was = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Green,
            Blue,
        }

        pub type Is = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub enum Color {
            Red,
            Green,
            #[layout(since = 2)]
            Blue,
        }

        pub type Is = Color;
    }
    VariantRemoved variant_removed "Color" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Shade(u8),
        }

        pub type Was = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
        }

        pub type Is = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2, removed(Shade(u8), tag = 1, until = 2, with = |_| Color::Red))]
        pub enum Color {
            Red,
        }

        pub type Is = Color;
    }
    VariantRenamed variant_renamed "Color" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Green,
        }

        pub type Was = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Lime,
        }

        pub type Is = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 2)]
        pub enum Color {
            Red,
            #[layout(renamed(Green, until = 2))]
            Lime,
        }

        pub type Is = Color;
    }
    VariantRetagged variant_retagged "Color" {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            Red,
            Green,
        }

        pub type Was = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            #[layout(tag = 3)]
            Red,
            #[layout(tag = 1)]
            Green,
        }

        pub type Is = Color;
    } {
        #[derive(StableLayout)]
        #[layout(version = 1)]
        pub enum Color {
            #[layout(tag = 0)]
            Red,
            #[layout(tag = 1)]
            Green,
        }

        pub type Is = Color;
    }
}
