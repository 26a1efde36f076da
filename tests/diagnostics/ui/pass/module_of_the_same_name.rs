use graven::StableLayout;

mod v1 {
    #[derive(graven::StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub id: u64,
    }
}

/// Holds a type that is called as it is, which is no recursion.
#[derive(StableLayout)]
#[layout(version = 1)]
struct User {
    old: Option<v1::User>,
}

fn main() {
    let user = User { old: Some(v1::User { id: 1 }) };
    assert_eq!(user.encoded_len(), 9);
}
