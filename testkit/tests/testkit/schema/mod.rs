//! The tools with which users test their migrations: images of stores, golden files, types against
//! their lock.

mod golden;
mod image;
mod locked;

/// Returns the message of a panic.
#[track_caller]
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map(drop).expect_err("it passed");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

/// A forum as it was released.
mod v1 {
    use graven::{BTreeMap, StableLayout};

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
    }

    pub fn image(users: u64) -> graven_testkit::Image {
        graven_testkit::Image::build(|forum: &mut Forum| {
            (0..users).for_each(|id| _ = forum.users.insert(id, User { name: format!("user {id}") }));
        })
    }
}

/// The next version of it.
mod v2 {
    use graven::{BTreeMap, StableLayout};

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct User {
        pub name: String,
        #[layout(since = 2, default = 10)]
        pub karma: u64,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
    }
}

/// A field that changes without a version of its own.
mod forgetful {
    use graven::{BTreeMap, StableLayout};

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub karma: u64,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
    }
}
