//! Sessions that expire by a timer, and that controllers can ask for by names and values.

use std::time::Duration;

use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(expires = until)]
struct Session {
    #[table(key, auto)]
    id: u64,
    #[table(index)]
    user: String,
    /// Nanoseconds since 1970.
    until: u64,
}

#[graven::store]
struct App {
    sessions: Table<Session>,
}

graven::canister!(App, expire = Duration::from_secs(60), ask = controllers);

/// Begins sessions of users that take some seconds each.
#[ic_cdk::update]
fn begin(sessions: Vec<(String, u64)>) {
    let now = ic_cdk::api::time();
    App::with_mut(|app| {
        for (user, seconds) in sessions {
            let until = now + seconds * 1_000_000_000;
            let session = Session { id: 0, user, until };
            app.sessions.insert(session).unwrap_or_else(|error| panic!("{error}"));
        }
    });
}

#[ic_cdk::query]
fn sessions() -> u64 {
    App::with(|app| app.sessions.len())
}

ic_cdk::export_candid!();
