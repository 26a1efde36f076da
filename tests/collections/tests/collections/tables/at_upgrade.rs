//! Indexes that are made when a store is opened, which a row may refuse.

use std::cell::Cell;

use graven::schema::Rule;
use graven::table::IndexState;
use graven::{Budget, Error, StableLayout, Table};
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;

mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "User")]
    pub struct User {
        #[table(key)]
        pub id: u64,
        pub email: String,
        pub team: Option<u64>,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Team")]
    pub struct Team {
        #[table(key)]
        pub id: u64,
    }

    #[graven::store]
    pub struct App {
        pub users: Table<User, Memory>,
        pub teams: Table<Team, Memory>,
    }
}

type Memory = Limited<Bytes>;

thread_local! {
    static PANICS: Cell<bool> = const { Cell::new(false) };
}

#[derive(StableLayout, Table)]
#[layout(version = 2)]
#[table(index(by = initial -> Option<u8>))]
struct User {
    #[table(key)]
    id: u64,
    #[table(unique(at_upgrade))]
    email: String,
    #[table(index(at_upgrade), references(Team))]
    team: Option<u64>,
    #[layout(since = 2, default = 0)]
    karma: i64,
}

fn initial(user: &User) -> Option<u8> {
    user.email.bytes().next()
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(by = panicking -> u64, at_upgrade))]
struct Team {
    #[table(key)]
    id: u64,
}

fn panicking(team: &Team) -> u64 {
    assert!(!PANICS.get(), "this function panics");
    team.id
}

#[graven::store]
struct App {
    users: Table<User, Memory>,
    teams: Table<Team, Memory>,
}

/// Returns a memory with 200 users with these changes to some of them.
fn users(change: impl Fn(&mut before::User)) -> Memory {
    let memory = Limited::new(Bytes::default(), 1_000);
    let mut app = before::App::open(memory.clone()).unwrap();
    (0..3).for_each(|id| _ = app.teams.insert(before::Team { id }).unwrap());
    for id in 0..200 {
        let mut user = before::User { id, email: format!("{id}@example.org"), team: Some(id % 3) };
        change(&mut user);
        app.users.insert(user).unwrap();
    }
    memory
}

#[test]
fn an_index_that_is_made_at_the_upgrade_is_complete_then() {
    let memory = users(|_| ());
    let mut app = App::open(memory.clone()).unwrap();
    assert_eq!(app.users.by(User::BY_EMAIL).get("7@example.org").unwrap().id, 7);
    assert_eq!(app.users.by(User::BY_TEAM).equal(&Some(2)).count(), 66);
    assert!(matches!(app.users.index_state(User::BY_INITIAL), IndexState::Incomplete { done: 0, .. }));
    app.users.verify().unwrap();
    app.users.update(&7, |user| user.karma = 3).unwrap();
    drop(app);
    let mut app = App::open(memory).unwrap();
    while !app.sweep(&mut Budget::pages(1)).unwrap().is_done() {}
    app.users.verify().unwrap();
}

#[test]
fn rows_that_break_its_rule_refuse_the_upgrade_and_change_nothing() {
    let memory = users(|user| match user.id {
        100 => user.team = Some(3),
        110..120 => user.email = "same".into(),
        _ => {}
    });
    let before = image(&memory);
    let Err(Error::Refused(report)) = App::open(memory.clone()).map(drop) else { panic!("it was accepted") };
    let rules: Vec<Rule> = report.problems.iter().map(|problem| problem.rule).collect();
    assert_eq!(rules, [Rule::IndexBroken; 2]);
    let words = report.to_string();
    for part in [
        "users: Table<User>",
        "9 rows break the rule of the index `email`",
        "0x000000000000006f has the value of 0x000000000000006e",
        "\n      …",
        "1 row breaks the rule of the index `team`",
        "0x0000000000000064 refers to 0x0000000000000003 of `teams`, which does not exist",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let after = image(&memory);
    assert!(before.iter().zip(&after).all(|(old, new)| old == new), "bytes are not undone");
    let app = before::App::open(memory).unwrap();
    app.users.verify().unwrap();
    assert_eq!(app.users.len(), 200);
}

#[test]
fn a_fault_while_it_is_made_changes_nothing() {
    let memory = users(|_| ());
    let before = image(&memory);
    let is_unchanged = |memory: &Memory| before.iter().zip(&image(memory)).all(|(old, new)| old == new);
    PANICS.set(true);
    let panic = caught(|| App::open(memory.clone()).map(drop)).unwrap_err();
    assert!(panic.contains("this function panics"), "{panic}");
    assert!(is_unchanged(&memory));
    PANICS.set(false);
    let mut pages = graven_core::Memory::size(&memory);
    let opened = loop {
        memory.set_limit(pages);
        match App::open(memory.clone()) {
            Err(Error::OutOfMemory { .. }) => assert!(is_unchanged(&memory)),
            other => break other,
        }
        pages += 1;
    };
    opened.unwrap().users.verify().unwrap();
}
