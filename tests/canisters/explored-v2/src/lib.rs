//! The upgrade of `explored-v1`. Controllers explore it, Prometheus reads its metrics, and its
//! sweep can be held.

use std::cell::Cell as Flag;

use graven::{BTreeMap, HashMap, StableLayout, Table};

thread_local! {
    static PERMITTED: Flag<bool> = const { Flag::new(false) };
}

#[derive(StableLayout, Table)]
#[layout(version = 2)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    name: String,
    #[layout(since = 2, default = 3)]
    #[table(index)]
    karma: u64,
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Note")]
struct OldNote {
    text: String,
    is_broken: bool,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = OldNote)]
struct Note {
    text: String,
    len: u32,
}

impl From<OldNote> for Note {
    fn from(old: OldNote) -> Self {
        assert!(!old.is_broken || PERMITTED.get(), "this note cannot be converted");
        Note { len: old.text.len() as u32, text: old.text }
    }
}

#[graven::store]
struct Forum {
    users: Table<User>,
    notes: BTreeMap<u64, Note>,
    #[store(name = "odd \"name\" \\ of\ntwo lines")]
    odd: HashMap<String, u32>,
}

graven::canister!(Forum, sweep = 20_000_000, explorer, metrics, post_upgrade = after);

/// The greeting of the last upgrade, which the next call returns.
#[ic_cdk::query]
fn greeting() -> String {
    GREETING.with_borrow(String::clone)
}

thread_local! {
    static GREETING: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Reads an argument if there is one.
fn after() {
    let bytes = ic_cdk::api::msg_arg_data();
    if let Ok((greeting,)) = candid::decode_args::<(String,)>(&bytes) {
        GREETING.set(greeting);
    }
}

/// Converts all notes from now on.
#[ic_cdk::update]
fn permit() {
    PERMITTED.set(true);
}

/// Writes a user and a note.
#[ic_cdk::update]
fn write(id: u64, name: String) -> Result<u64, String> {
    Forum::with_mut(|forum| {
        forum.notes.insert(id, Note { text: name.clone(), len: name.len() as u32 });
        forum.users.upsert(User { id, name, karma: 9 }).map_err(|error| error.to_string())?;
        Ok(forum.users.len())
    })
}

/// Returns the karma of a user and the length of a note.
#[ic_cdk::query]
fn look(id: u64) -> (Option<u64>, Option<u32>) {
    Forum::with(|forum| {
        (forum.users.get(&id).map(|user| user.karma), forum.notes.get(&id).map(|note| note.len))
    })
}

ic_cdk::export_candid!();
