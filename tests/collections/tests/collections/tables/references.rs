//! References between the rows of tables: checked, restricted, cascading.

use graven::error::Broken;
use graven::table::IndexState;
use graven::{Budget, Error, StableLayout, Table, Text};
use graven_tests::memory::Bytes;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct Team {
    #[table(key)]
    id: u64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: Text<8>,
    #[table(references(Team, on_delete = restrict))]
    team: Option<u64>,
    #[table(unique, references(Desk, on_delete = cascade))]
    desk: (u8, u8),
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct Desk {
    #[table(key)]
    floor: u8,
    #[table(key)]
    number: u8,
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct Post {
    #[table(key)]
    id: u64,
    #[table(references(User, on_delete = cascade))]
    author: Text<8>,
    #[table(references(Post, on_delete = cascade))]
    reply_to: Option<u64>,
    text: String,
}

#[graven::store]
struct App {
    posts: Table<Post>,
    users: Table<User>,
    teams: Table<Team>,
    desks: Table<Desk>,
}

impl App {
    fn verify(&self) {
        self.posts.verify().unwrap();
        self.users.verify().unwrap();
        self.teams.verify().unwrap();
        self.desks.verify().unwrap();
    }

    fn post(&mut self, id: u64, author: &str, reply_to: Option<u64>) -> Result<u64, Broken> {
        let text = "text ".repeat(id as usize % 7);
        let post = Post { id, author: name(author), reply_to, text };
        self.posts.insert(post).map_err(|violation| violation.rule)
    }
}

fn name(name: &str) -> Text<8> {
    name.parse().unwrap()
}

fn user(id: &str, team: Option<u64>, number: u8) -> User {
    User { id: name(id), team, desk: (1, number) }
}

fn app() -> App {
    let mut app = App::open(Bytes::default()).unwrap();
    for id in 0..3 {
        app.teams.insert(Team { id, name: format!("team {id}") }).unwrap();
    }
    for number in 0..8 {
        app.desks.insert(Desk { floor: 1, number }).unwrap();
    }
    app.users.insert(user("ann", Some(1), 0)).unwrap();
    app.users.insert(user("bob", None, 1)).unwrap();
    app
}

#[test]
fn a_row_refers_to_rows_that_exist() {
    let mut app = app();
    let violation = app.users.insert(user("eve", Some(7), 2)).unwrap_err();
    let rule = Broken::Reference { name: "team".into(), target: "teams".into() };
    assert_eq!((violation.table.as_str(), &violation.rule), ("users", &rule));
    assert_eq!(violation.key(), Some(7_u64));
    assert_eq!(
        violation.to_string(),
        "the row of `users` refers by `team` to the row 0x0000000000000007 of `teams`, which does not exist"
    );
    assert_eq!(app.users.upsert(user("ann", Some(7), 0)).unwrap_err().rule, rule);
    assert_eq!(app.users.update("bob", |bob| bob.team = Some(9)).unwrap_err().rule, rule);
    app.users.update("bob", |bob| bob.team = Some(2)).unwrap().unwrap();
    assert_eq!(app.users.get("ann").unwrap().team, Some(1));
    let missing = app.users.insert(user("eve", None, 200)).unwrap_err();
    assert_eq!(missing.key(), Some((1_u8, 200_u8)));
    assert_eq!(app.users.len(), 2);
    app.verify();
}

#[test]
fn a_row_may_refer_to_itself() {
    let mut app = app();
    app.post(1, "ann", Some(1)).unwrap();
    assert!(app.post(2, "ann", Some(3)).is_err());
    app.posts.remove(&1).unwrap().unwrap();
    assert!(app.posts.is_empty());
    app.verify();
}

#[test]
fn a_row_that_others_refer_to_stays() {
    let mut app = app();
    let violation = app.teams.remove(&1).unwrap_err();
    assert_eq!(violation.rule, Broken::Referred { by: "users".into(), name: "team".into() });
    assert_eq!((violation.table.as_str(), violation.key()), ("teams", Some(name("ann"))));
    let words = "the row of `teams` stays, since the row 0x616e6e of `users` refers to it by `team`";
    assert_eq!(violation.to_string(), words);
    assert!(app.teams.clear().is_err());
    assert_eq!(app.teams.remove(&0).unwrap().unwrap().name, "team 0");
    assert_eq!(app.teams.remove(&0).unwrap(), None);
    app.users.update("ann", |ann| ann.team = None).unwrap().unwrap();
    assert_eq!(app.teams.remove(&1).unwrap().unwrap().id, 1);
    app.teams.clear().unwrap();
    app.verify();
}

#[test]
fn rows_go_with_the_row_that_they_refer_to() {
    let mut app = app();
    for (id, author, reply_to) in
        [(1, "ann", None), (2, "bob", Some(1)), (3, "bob", None), (4, "ann", Some(2)), (5, "bob", Some(3))]
    {
        app.post(id, author, reply_to).unwrap();
    }
    // Bob's desk, bob, his posts, and those that reply to them.
    app.desks.remove(&(1, 1)).unwrap().unwrap();
    assert_eq!(app.posts.iter().map(|(id, _)| id).collect::<Vec<_>>(), [1]);
    assert!(app.users.get("bob").is_none());
    assert_eq!(app.users.by(User::BY_DESK).count(), 1);
    app.verify();
}

#[test]
fn nothing_goes_if_one_row_has_to_stay() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Note {
        #[table(key)]
        id: u64,
        #[table(references(Post))]
        post: u64,
    }
    #[graven::store]
    struct Strict {
        posts: Table<Post>,
        users: Table<User>,
        teams: Table<Team>,
        desks: Table<Desk>,
        notes: Table<Note>,
    }
    let mut app = Strict::open(Bytes::default()).unwrap();
    app.desks.insert(Desk { floor: 1, number: 0 }).unwrap();
    app.users.insert(user("ann", None, 0)).unwrap();
    for id in 0..3 {
        let post = Post { id, author: name("ann"), reply_to: None, text: String::new() };
        app.posts.insert(post).unwrap();
    }
    app.notes.insert(Note { id: 9, post: 2 }).unwrap();
    let violation = app.desks.remove(&(1, 0)).unwrap_err();
    assert_eq!(violation.rule, Broken::Referred { by: "notes".into(), name: "post".into() });
    assert_eq!((violation.table.as_str(), violation.key()), ("posts", Some(9_u64)));
    assert_eq!((app.posts.len(), app.users.len(), app.desks.len()), (3, 1, 1));
    app.notes.remove(&9).unwrap();
    app.desks.remove(&(1, 0)).unwrap().unwrap();
    assert_eq!((app.posts.len(), app.users.len(), app.desks.len()), (0, 0, 0));
}

#[test]
fn circles_of_references_go_together() {
    let mut app = app();
    for id in 0..10 {
        app.post(id, "ann", None).unwrap();
    }
    for id in 0..10 {
        app.posts.update(&id, |post| post.reply_to = Some((id + 1) % 10)).unwrap().unwrap();
    }
    app.posts.remove(&4).unwrap().unwrap();
    assert!(app.posts.is_empty());
    app.verify();
}

#[test]
fn more_rows_than_one_step_takes_go_within_budgets() {
    let mut app = app();
    for id in 0..4_990 {
        app.post(id, if id % 5 == 0 { "bob" } else { "ann" }, None).unwrap();
    }
    let violation = app.users.remove("ann").unwrap_err();
    assert_eq!(
        (violation.rule.clone(), violation.key()),
        (Broken::Cascade { most: 1_000 }, Some(name("ann")))
    );
    assert!(violation.to_string().ends_with("use `remove_within`"), "{violation}");
    let mut calls = 0;
    while !app.users.remove_within("ann", &mut Budget::pages(64)).unwrap() {
        calls += 1;
        assert!(app.users.contains_key("ann"));
        if calls % 10 == 0 {
            app.verify();
        }
    }
    assert_eq!((calls > 20, app.posts.len(), app.users.len()), (true, 998, 1));
    assert!(app.users.remove_within("ann", &mut Budget::pages(1)).unwrap(), "it is gone");
    app.users.remove("bob").unwrap().unwrap();
    app.verify();
}

#[test]
fn a_chain_longer_than_a_step_is_refused() {
    let mut app = app();
    for id in 0..2_100_u64 {
        app.post(id, "bob", id.checked_sub(1)).unwrap();
    }
    let violation = app.posts.remove_within(&0, &mut Budget::pages(u64::MAX)).unwrap_err();
    assert_eq!(violation.rule, Broken::Cascade { most: 1_000 });
    assert_eq!(app.posts.len(), 2_100);
    app.posts.remove(&1_500).unwrap().unwrap();
    app.posts.remove(&800).unwrap().unwrap();
    app.posts.remove(&0).unwrap().unwrap();
    assert!(app.posts.is_empty());
    app.verify();
}

#[test]
fn a_transaction_undoes_a_cascade() {
    let mut app = app();
    for id in 0..50 {
        app.post(id, "ann", None).unwrap();
    }
    let undone: Result<(), &str> = app.transact(|app| {
        app.desks.remove(&(1, 0)).unwrap().unwrap();
        assert!(app.posts.is_empty());
        Err("no")
    });
    assert_eq!((undone, app.posts.len()), (Err("no"), 50));
    assert!(app.teams.remove(&1).is_err(), "the tables are linked again");
    app.users.remove("ann").unwrap().unwrap();
    app.verify();
}

#[test]
fn an_iterator_ends_where_its_table_is_changed_by_another() {
    let mut app = app();
    for id in 0..300 {
        app.post(id, "ann", None).unwrap();
    }
    for id in 300..302 {
        let text = "long".repeat(3_000);
        app.posts.insert(Post { id, author: name("bob"), reply_to: None, text }).unwrap();
    }
    let (mut rows, mut keys) = (app.posts.iter(), app.posts.by(Post::BY_AUTHOR).keys());
    let mut last = app.posts.iter();
    assert_eq!((rows.next().unwrap().0, keys.next(), last.next_back().unwrap().0), (0, Some(0), 301));
    let fresh = app.posts.iter();
    app.users.remove("ann").unwrap().unwrap();
    let mut failed = None;
    while failed.is_none() {
        failed = rows.try_next().map(|row| assert!(row.is_some())).err();
    }
    assert!(matches!(failed, Some(Error::ChangedWhileRead { root }) if &*root == "posts"));
    while let Ok(next) = keys.try_next() {
        assert!(next.is_some());
    }
    assert!(matches!(last.try_next_back(), Err(Error::ChangedWhileRead { .. })), "its text may be gone");
    assert_eq!(fresh.map(|(id, _)| id).collect::<Vec<_>>(), [300, 301]);
}

#[test]
fn an_update_whose_closure_removes_its_row_changes_nothing() {
    let mut app = app();
    app.users.update("ann", |ann| ann.team = None).unwrap().unwrap();
    let App { users, desks, .. } = &mut app;
    let update = users.try_update("ann", |_| desks.remove(&(1, 0)).unwrap());
    assert!(matches!(update, Err(Error::ChangedWhileRead { root }) if &*root == "users"));
    assert_eq!((app.users.len(), app.desks.len()), (1, 7));
    app.verify();
}

mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    pub struct User {
        #[table(key)]
        pub id: Text<8>,
        pub team: Option<u64>,
        pub desk: (u8, u8),
    }

    #[graven::store]
    pub struct App {
        pub posts: Table<Post>,
        pub users: Table<User>,
        pub teams: Table<Team>,
        pub desks: Table<Desk>,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    pub struct Post {
        #[table(key)]
        pub id: u64,
        #[table(references(User, on_delete = cascade))]
        pub author: Text<8>,
        #[table(references(Post, on_delete = cascade))]
        pub reply_to: Option<u64>,
        pub text: String,
    }
}

#[test]
fn a_new_reference_waits_for_rows_that_refer_to_none() {
    let memory = Bytes::default();
    let mut old = before::App::open(memory.clone()).unwrap();
    for (number, (id, team)) in [("ann", 1), ("bob", 2), ("cid", 1)].into_iter().enumerate() {
        let desk = (1, number as u8);
        old.desks.insert(Desk { floor: 1, number: desk.1 }).unwrap();
        old.users.insert(before::User { id: name(id), team: Some(team), desk }).unwrap();
    }
    old.teams.insert(Team { id: 1, name: "one".into() }).unwrap();
    drop(old);
    let mut app = App::open(memory).unwrap();
    assert!(matches!(app.teams.try_remove(&1), Err(Error::IndexIncomplete(_))));
    assert!(!app.sweep(&mut Budget::pages(1_000)).unwrap().is_done());
    let IndexState::Blocked(violation) = app.users.index_state(User::BY_TEAM) else {
        panic!("team 2 is missing")
    };
    assert_eq!((violation.table.as_str(), violation.key()), ("users", Some(2_u64)));
    app.teams.insert(Team { id: 2, name: "two".into() }).unwrap();
    assert!(app.sweep(&mut Budget::pages(1_000)).unwrap().is_done());
    assert_eq!(app.users.index_state(User::BY_TEAM), IndexState::Complete);
    assert!(matches!(app.teams.try_remove(&2), Err(Error::Violation(_))));
    app.verify();
}
