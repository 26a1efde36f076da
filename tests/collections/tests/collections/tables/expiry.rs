//! Rows that go with time.

use graven::table::Expired;
use graven::{Budget, Log, StableLayout, Table};
use graven_tests::memory::Bytes;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(expires = until)]
struct Session {
    #[table(key, auto)]
    id: u64,
    until: Option<u64>,
    note: String,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(expires = at)]
struct Visit {
    #[table(key)]
    number: u64,
    #[table(unique)]
    at: u64,
    #[table(references(Session))]
    session: Option<u64>,
}

#[graven::store]
struct App {
    sessions: Table<Session>,
    visits: Table<Visit>,
    times: Log<u64>,
}

fn app() -> App {
    App::open(Bytes::default()).unwrap()
}

#[test]
fn rows_go_when_their_time_has_come() {
    let mut app = app();
    for time in 0..500 {
        let until = (time % 5 != 0).then_some(time);
        app.sessions.insert(Session { id: 0, until, note: "n".repeat(time as usize % 9) }).unwrap();
    }
    let expired = app.sessions.expire(0, &mut Budget::entries(10));
    assert_eq!(expired, Expired { is_done: true, ..Expired::default() });
    let first = app.sessions.expire(99, &mut Budget::entries(30));
    assert_eq!((first.removed, first.is_done), (30, false));
    let mut removed = first.removed;
    loop {
        let next = app.sessions.expire(99, &mut Budget::entries(30));
        removed += next.removed;
        app.sessions.verify().unwrap();
        if next.is_done {
            break;
        }
    }
    assert_eq!((removed, app.sessions.len()), (80, 420));
    assert!(app.sessions.iter().all(|(_, session)| session.until.is_none_or(|until| until > 99)));
    let all = app.sessions.expire(u64::MAX, &mut Budget::entries(10_000));
    assert_eq!((all.removed, all.is_done, app.sessions.len()), (320, true, 100));
}

#[test]
fn a_row_that_others_refer_to_is_passed_over() {
    let mut app = app();
    for time in 0..100 {
        app.sessions.insert(Session { id: 0, until: Some(time), note: String::new() }).unwrap();
    }
    for number in [3, 40] {
        app.visits.insert(Visit { number, at: 1_000 + number, session: Some(number) }).unwrap();
    }
    let expired = app.sessions.expire(49, &mut Budget::entries(10_000));
    assert_eq!(expired, Expired { removed: 48, kept: 2, is_done: true });
    assert_eq!(app.visits.expire(1_010, &mut Budget::entries(10)).removed, 1);
    assert_eq!(
        app.sessions.expire(49, &mut Budget::entries(10_000)),
        Expired { removed: 1, kept: 1, is_done: true }
    );
    app.sessions.verify().unwrap();
    app.visits.verify().unwrap();
}

#[test]
fn the_last_rows_are_kept() {
    let mut app = app();
    for _ in 0..300 {
        app.sessions.insert(Session { id: 0, until: None, note: String::new() }).unwrap();
    }
    assert_eq!(app.sessions.keep_last(100, &mut Budget::entries(50)), Ok(false));
    assert_eq!(app.sessions.keep_last(100, &mut Budget::entries(500)), Ok(true));
    assert_eq!(app.sessions.iter().map(|(id, _)| id).collect::<Vec<_>>(), (200..300).collect::<Vec<_>>());
    app.visits.insert(Visit { number: 0, at: 0, session: Some(200) }).unwrap();
    assert!(app.sessions.keep_last(10, &mut Budget::entries(500)).is_err());
    assert_eq!(app.sessions.keep_last(100, &mut Budget::entries(1)), Ok(true));
    app.sessions.verify().unwrap();
}

#[test]
fn a_log_keeps_its_last_values_and_those_of_the_last_days() {
    let mut app = app();
    for n in 0..5_000 {
        app.times.append(n * 10);
    }
    app.times.drop_while(|time| *time < 12_345);
    assert_eq!((app.times.first(), app.times.len()), (Some(12_350), 3_765));
    app.times.drop_while(|time| *time < 5);
    app.times.keep_last(4_000);
    assert_eq!(app.times.len(), 3_765);
    app.times.keep_last(20);
    assert_eq!((app.times.numbers(), app.times.first()), (4_980..5_000, Some(49_800)));
    app.times.drop_while(|_| true);
    assert!(app.times.is_empty());
    assert_eq!(app.times.append(1), 5_000);
    app.times.verify().unwrap();
}
