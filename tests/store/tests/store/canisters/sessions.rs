//! Tables by `canister!`: rows that expire by a timer, and requests of tools.

use std::time::Duration;

use candid::Principal;
use graven::ask::{Answer, Comparison, Filter, Request, Value};
use graven_testkit::Canister;

use super::tables::wasm_of;

fn request(user: &str) -> Request {
    let value = Value::Text(user.to_owned());
    Request {
        table: "sessions".into(),
        filter: Some(Filter::Field { name: "user".into(), is: Comparison::Prefix, value }),
        order: Some("user".into()),
        limit: 10,
        fields: Some(vec!["user".into()]),
        ..Request::default()
    }
}

#[test]
fn rows_expire_by_a_timer_and_after_an_upgrade_as_well() {
    let mut canister = Canister::install(&wasm_of("sessions"), ()).unwrap();
    let sessions: Vec<(String, u64)> = (0..100).map(|n| (format!("user {n}"), n * 10 + 1)).collect();
    canister.update::<_, ()>("begin", (sessions,)).unwrap();
    let count = |canister: &mut Canister| canister.query::<_, (u64,)>("sessions", ()).unwrap().0;
    let minute = |canister: &mut Canister| {
        canister.advance_time(Duration::from_mins(1));
        let fired = canister.fire_due_timers();
        assert!(!fired.is_empty());
        fired.into_iter().for_each(|outcome| outcome.unwrap());
    };
    for left in [94, 88, 82] {
        minute(&mut canister);
        assert_eq!(count(&mut canister), left);
    }
    canister.upgrade(&wasm_of("sessions"), ()).unwrap();
    minute(&mut canister);
    assert_eq!(count(&mut canister), 76);
}

#[test]
fn controllers_ask_for_rows_by_names_and_values() {
    let controller = Principal::from_slice(&[7; 10]);
    let mut canister =
        Canister::builder().controllers([controller]).install(&wasm_of("sessions"), ()).unwrap();
    let sessions: Vec<(String, u64)> = (0..30).map(|n| (format!("user {n}"), 1_000)).collect();
    canister.update::<_, ()>("begin", (sessions,)).unwrap();
    let mut ask = |caller, request: Request| {
        canister.query_as::<_, (Result<Answer, String>,)>(caller, "graven_ask", (request,)).unwrap().0
    };
    let refused = ask(Principal::anonymous(), request("user"));
    assert_eq!(refused, Err("only a controller may ask".into()));
    let first = ask(controller, request("user 1")).unwrap();
    assert_eq!(first.rows[1], [("user".to_owned(), Value::Text("user 10".into()))]);
    assert_eq!((first.rows.len(), first.read), (10, 10));
    let second = ask(controller, Request { after: first.next, ..request("user 1") }).unwrap();
    assert_eq!((second.rows.len(), second.next), (1, None));
    let unknown = ask(controller, Request { table: "users".into(), ..request("user") });
    assert_eq!(unknown, Err("there is no table `users`".into()));
}
