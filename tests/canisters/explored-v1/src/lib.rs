//! Records for `explored-v2`, whose calls show them. It has an `http_request` of its own, and a
//! guard that lets everyone explore it.

use candid::CandidType;
use graven::explore::{HttpRequest, HttpResponse};
use graven::{BTreeMap, HashMap, StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    name: String,
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Note {
    text: String,
    /// `true` if the conversion of the next version panics.
    is_broken: bool,
}

#[graven::store]
struct Forum {
    users: Table<User>,
    notes: BTreeMap<u64, Note>,
    #[store(name = "odd \"name\" \\ of\ntwo lines")]
    odd: HashMap<String, u32>,
}

graven::canister!(Forum, explorer = || Ok(()), metrics = none);

/// Writes `count` users and notes.
#[ic_cdk::update]
fn fill(count: u64) {
    Forum::with_mut(|forum| {
        for id in 0..count {
            forum
                .users
                .insert(User { id, name: format!("user {id}") })
                .unwrap_or_else(|error| panic!("{error}"));
            forum.notes.insert(id, Note { text: format!("note {id}"), is_broken: false });
        }
        forum.odd.insert("one".into(), 1);
    });
}

/// Writes a note that the next version cannot convert.
#[ic_cdk::update]
fn write_broken(id: u64) {
    Forum::with_mut(|forum| _ = forum.notes.insert(id, Note { text: "broken".into(), is_broken: true }));
}

/// Answers `/metrics` beside a path of its own.
#[ic_cdk::query]
fn http_request(request: HttpRequest) -> HttpResponse {
    if request.url == "/" {
        return HttpResponse { status_code: 200, headers: Vec::new(), body: b"a forum".to_vec() };
    }
    HttpResponse::of_metrics(&request, Forum::metrics)
}

#[derive(CandidType)]
struct Counts {
    users: u64,
    notes: u64,
}

/// Returns the numbers of users and notes.
#[ic_cdk::query]
fn counts() -> Counts {
    Forum::with(|forum| Counts { users: forum.users.len(), notes: forum.notes.len() })
}

ic_cdk::export_candid!();
