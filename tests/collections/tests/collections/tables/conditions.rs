//! Conditions of several indexes against a filter over all rows; joins, groups and plans.

use graven::table::{Combined, Condition};
use graven::{Budget, Cursor, Error, StableLayout, Table, Text};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma), index(by = initial -> u8, where = has_name))]
struct User {
    #[table(key)]
    id: u32,
    #[table(index)]
    country: u8,
    karma: i16,
    #[table(index)]
    name: String,
    #[table(index(each))]
    tags: Vec<Text<4>>,
    #[table(unique)]
    code: u32,
}

fn initial(user: &User) -> u8 {
    user.name.as_bytes()[0]
}

fn has_name(user: &User) -> bool {
    !user.name.is_empty()
}

#[graven::store]
struct App {
    users: Table<User>,
}

const TAGS: [&str; 5] = ["a", "ab", "abc", "b", "bc"];

fn user(id: u32, rng: &mut Rng) -> User {
    let name = match rng.below(5) {
        0 => String::new(),
        _ => format!("{}{}", ["x", "xy", "y"][rng.below(3) as usize], rng.below(9)),
    };
    let tags = (0..rng.below(4)).map(|_| TAGS[rng.below(5) as usize].parse().unwrap()).collect();
    User { id, country: rng.below(4) as u8, karma: rng.below(40) as i16 - 20, name, tags, code: id ^ 0x5a5a }
}

/// A condition in stored form and as a filter.
type Both<'a> = (Combined<'a, User, Memory>, Box<dyn Fn(&User) -> bool + 'a>);
type Memory = Bytes;

fn leaf<'a>(users: &'a Table<User, Memory>, rng: &mut Rng) -> Both<'a> {
    let country = rng.below(5) as u8;
    let karma = rng.below(50) as i16 - 25;
    let tag: Text<4> = TAGS[rng.below(5) as usize].parse().unwrap();
    match rng.below(11) {
        0 | 1 => {
            let query = users.by(User::BY_COUNTRY).equal(&country);
            (query.combined(), Box::new(move |user| user.country == country))
        }
        2 => {
            let query = users.by(User::BY_COUNTRY_KARMA).range((country, karma)..);
            (query.combined(), Box::new(move |user| (user.country, user.karma) >= (country, karma)))
        }
        3 => {
            let query = users.by(User::BY_COUNTRY_KARMA).prefix(&(country,));
            (query.combined(), Box::new(move |user| user.country == country))
        }
        4 => {
            let name = ["x", "xy", "x1", "y", "z", ""][rng.below(6) as usize];
            (
                users.by(User::BY_NAME).prefix(name).combined(),
                Box::new(move |user| user.name.starts_with(name)),
            )
        }
        5 => {
            let query = users.by(User::BY_TAGS).equal(&tag);
            (query.combined(), Box::new(move |user| user.tags.contains(&tag)))
        }
        6 => {
            let query = users.by(User::BY_TAGS).prefix(&*tag);
            (query.combined(), Box::new(move |user| user.tags.iter().any(|found| found.starts_with(&*tag))))
        }
        7 => {
            let query = users.by(User::BY_INITIAL).equal(&b'x');
            (query.combined(), Box::new(|user| user.name.starts_with('x')))
        }
        8 => {
            (users.scan().filter(move |user| user.karma >= karma), Box::new(move |user| user.karma >= karma))
        }
        9 => {
            let query = users.by(User::BY_COUNTRY).equal(&country).filter(move |user| user.karma >= karma);
            (query, Box::new(move |user| user.country == country && user.karma >= karma))
        }
        _ => {
            let code = rng.below(300) as u32 ^ 0x5a5a;
            (users.by(User::BY_CODE).equal(&code).combined(), Box::new(move |user| user.code == code))
        }
    }
}

fn condition<'a>(users: &'a Table<User, Memory>, depth: u64, rng: &mut Rng) -> Both<'a> {
    if depth == 0 || rng.below(4) == 0 {
        return leaf(users, rng);
    }
    let (stored, filter) = condition(users, depth - 1, rng);
    let (other, more) = condition(users, depth - 1, rng);
    if rng.below(5) < 3 {
        (stored.and(other), Box::new(move |user| filter(user) && more(user)))
    } else {
        (stored.or(other), Box::new(move |user| filter(user) || more(user)))
    }
}

/// Asserts that the pages of a question, of any sizes and within any budgets, have these rows.
fn pages(question: &Combined<'_, User, Memory>, expected: &[u32], rng: &mut Rng) {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let (limit, entries) = (1 + rng.below(20) as usize, 1 + rng.below(30));
        let page = question.page_within(cursor.as_ref(), limit, &mut Budget::entries(entries)).unwrap();
        assert!(page.items.len() <= limit.min(entries as usize));
        found.extend(page.items.iter().map(|user| user.id));
        let Some(next) = page.next else { break };
        cursor = Some(Cursor::from_bytes(&next.to_bytes()).unwrap());
    }
    assert_eq!(found, expected);
}

#[test]
fn combined_conditions_find_what_a_filter_finds() {
    let mut rng = Rng::new(5);
    let (mut found_some, mut ordered) = (0, 0);
    for round in 0..12_u32 {
        let mut app = App::open(Bytes::default()).unwrap();
        let rows = [3, 40, 250][round as usize % 3];
        for _ in 0..rows {
            let id = rng.below(300) as u32;
            let _ = app.users.upsert(user(id, &mut rng));
        }
        let users = &app.users;
        for _ in 0..400 {
            let (stored, filter) = condition(users, 3, &mut rng);
            let expected: Vec<User> =
                users.iter().map(|(_, user)| user).filter(|user| filter(user)).collect();
            let plan = stored.explain().unwrap().to_string();
            let mut found: Vec<User> = stored.rows().collect();
            let keys: Vec<u32> = stored.keys().collect();
            assert_eq!(keys, found.iter().map(|user| user.id).collect::<Vec<_>>(), "{plan}");
            assert_eq!(stored.count(), expected.len() as u64, "{plan}");
            if plan.contains("by ascending keys") && !plan.starts_with("range") && plan.lines().count() > 1 {
                let first = plan.lines().next().unwrap();
                if first.ends_with("by ascending keys") {
                    assert!(found.is_sorted_by_key(|user| user.id), "{plan}");
                    ordered += 1;
                }
            }
            pages(&stored, &keys, &mut rng);
            let reversed = stored.clone().descending();
            let mut backward: Vec<u32> = reversed.keys().collect();
            pages(&reversed, &backward, &mut rng);
            backward.reverse();
            assert_eq!(backward, keys, "{plan}, backward");
            found.sort_by_key(|user| user.id);
            assert_eq!(found, expected, "{plan}");
            found_some += usize::from(!found.is_empty());
            let after = rng.below(300) as u32;
            let mut rest: Vec<u32> = stored.clone().after(&after).keys().collect();
            rest.sort_unstable();
            let all: Vec<u32> = expected.iter().map(|user| user.id).collect();
            let expected: Vec<u32> = all.iter().copied().filter(|id| *id > after).collect();
            assert_eq!(rest, expected, "{plan} after {after}");
            let mut before: Vec<u32> = stored.descending().after(&after).keys().collect();
            before.sort_unstable();
            let expected: Vec<u32> = all.iter().copied().filter(|id| *id < after).collect();
            assert_eq!(before, expected, "{plan} before {after}");
        }
    }
    assert!(found_some > 2_000 && ordered > 500, "{found_some} {ordered}");
}

#[test]
fn a_plan_says_what_is_read_and_about_how_much() {
    let mut app = App::open(Bytes::default()).unwrap();
    let mut rng = Rng::new(1);
    for id in 0..20_000 {
        app.users.insert(User { country: (id % 4) as u8, ..user(id, &mut rng) }).unwrap();
    }
    let users = &app.users;
    let swiss = users.by(User::BY_COUNTRY).equal(&1);
    let plan = swiss.explain().unwrap();
    assert!(plan.entries().abs_diff(5_000) < 1_000, "{plan}");
    assert!(plan.to_string().starts_with("value of `users.country`: about "), "{plan}");
    let named = users.by(User::BY_NAME).prefix("xy");
    let both = swiss.clone().and(named.clone());
    let lines: Vec<String> = both.explain().unwrap().to_string().lines().map(String::from).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "all of, by ascending keys");
    assert!(lines[1].starts_with("  value of `users.country`: about "), "{lines:?}");
    assert!(lines[2].starts_with("  range of `users.name`: ") && lines[2].ends_with(", checked on each row"));
    let ranges = named.clone().and(users.by(User::BY_TAGS).prefix("a"));
    assert_eq!(ranges.explain().unwrap().to_string().lines().next(), Some("all of, one after the other"));
    let all = users.by(User::BY_CODE).explain().unwrap();
    assert_eq!(all.to_string(), "all of `users.code`: about 20000 of 20000 entries");
    for from in [0, 1, 5_000, 0x5a5a, 40_000] {
        let plan = users.by(User::BY_CODE).range(..from).explain().unwrap();
        let count = users.iter().filter(|(_, user)| user.code < from).count() as u64;
        assert!(plan.entries().abs_diff(count) < 1_500, "{from}: {plan}, {count}");
    }
}

#[test]
fn groups_and_extremes_come_from_the_index() {
    let mut app = App::open(Bytes::default()).unwrap();
    let mut rng = Rng::new(2);
    assert_eq!(
        (app.users.by(User::BY_COUNTRY).min(), app.users.by(User::BY_COUNTRY).groups().next()),
        (None, None)
    );
    for id in 0..1_000 {
        app.users.insert(user(id, &mut rng)).unwrap();
    }
    let users = &app.users;
    let count = |country| users.iter().filter(|(_, user)| user.country == country).count() as u64;
    let groups: Vec<(u8, u64)> = users.by(User::BY_COUNTRY).groups().collect();
    assert_eq!(groups, (0..4).map(|country| (country, count(country))).collect::<Vec<_>>());
    let names: Vec<(String, u64)> = users.by(User::BY_NAME).prefix("x").groups().collect();
    assert!(names.is_sorted() && names.iter().all(|(name, _)| name.starts_with('x')));
    let with_x = users.iter().filter(|(_, user)| user.name.starts_with('x')).count() as u64;
    assert_eq!(names.iter().map(|(_, count)| count).sum::<u64>(), with_x);
    let karma = |query: graven::table::Query<'_, User, _, _>| (query.min(), query.max());
    let all = users.iter().filter(|(_, user)| user.country == 2).map(|(_, user)| user.karma);
    let (least, greatest) = (all.clone().min().unwrap(), all.max().unwrap());
    let extremes = karma(users.by(User::BY_COUNTRY_KARMA).prefix(&(2,)));
    assert_eq!(extremes, (Some((2, least)), Some((2, greatest))));
    assert_eq!(users.by(User::BY_CODE).groups().map(|(_, count)| count).sum::<u64>(), 1_000);
}

#[test]
#[should_panic(expected = "two conditions are of different tables")]
fn conditions_of_two_tables_are_not_combined() {
    #[graven::store]
    struct Two {
        users: Table<User>,
        others: Table<User>,
    }
    let app = Two::open(Bytes::default()).unwrap();
    let others = app.others.by(User::BY_COUNTRY).equal(&1);
    let _ = app.users.by(User::BY_COUNTRY).equal(&1).and(others);
}

#[test]
fn a_search_for_rows_that_two_values_never_share_ends_at_its_budget() {
    let mut app = App::open(Bytes::default()).unwrap();
    let mut rng = Rng::new(3);
    for id in 0..10_000 {
        let tags = vec![["a", "b"][id as usize % 2].parse().unwrap()];
        app.users.insert(User { tags, ..user(id, &mut rng) }).unwrap();
    }
    let tagged = |tag: &str| app.users.by(User::BY_TAGS).equal(&tag.parse::<Text<4>>().unwrap());
    let none = tagged("a").and(tagged("b"));
    let (mut calls, mut cursor) = (0, None);
    while calls == 0 || cursor.is_some() {
        let page = none.page_within(cursor.as_ref(), 5, &mut Budget::pages(1)).unwrap();
        assert!(page.items.is_empty());
        (calls, cursor) = (calls + 1, page.next);
    }
    assert!((2..20).contains(&calls), "{calls}");
}

#[test]
fn cursors_of_searches_lead_nowhere_else() {
    let mut app = App::open(Bytes::default()).unwrap();
    let mut rng = Rng::new(4);
    (0..50).for_each(|id| _ = app.users.insert(user(id, &mut rng)).unwrap());
    let all = app.users.scan();
    let cursor = all.page(None, 10).unwrap().next.unwrap();
    let bad =
        |result: Result<(), Error>| assert!(matches!(result, Err(Error::BadCursor { .. })), "{result:?}");
    bad(app.users.page(Some(&cursor), 10).map(drop));
    bad(app.users.by(User::BY_CODE).page(Some(&cursor), 10).map(drop));
    bad(all.page(app.users.page(None, 10).unwrap().next.as_ref(), 10).map(drop));
    // That of a second alternative, which the question does not have.
    let [x, y] = ["x", "y"].map(|name| app.users.by(User::BY_NAME).prefix(name));
    let both = x.or(y);
    let (mut cursor, mut last) = (None, None);
    while last.is_none() || cursor.is_some() {
        last = cursor.or(last);
        cursor = both.page(last.as_ref(), 3).unwrap().next;
    }
    bad(all.page(last.as_ref(), 10).map(drop));
    for at in 0..last.as_ref().unwrap().to_bytes().len() {
        let mut bytes = last.as_ref().unwrap().to_bytes();
        bytes[at] ^= 1;
        if let Ok(forged) = Cursor::from_bytes(&bytes) {
            bad(both.page(Some(&forged), 3).map(drop));
        }
    }
}

/// Rows that have no index yet.
mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "User")]
    pub(super) struct User {
        #[table(key)]
        pub(super) id: u32,
        pub(super) country: u8,
        pub(super) karma: i16,
        pub(super) name: String,
        pub(super) tags: Vec<Text<4>>,
        pub(super) code: u32,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) users: Table<User>,
    }
}

#[test]
fn an_index_that_is_not_complete_is_replaced_by_a_scan_where_the_question_says_so() {
    let memory = Bytes::default();
    let mut old = before::App::open(memory.clone()).unwrap();
    let mut rng = Rng::new(6);
    for id in 0..300 {
        let User { country, karma, name, tags, code, .. } = user(id, &mut rng);
        old.users.insert(before::User { id, country, karma, name, tags, code }).unwrap();
    }
    drop(old);
    let mut app = App::open(memory).unwrap();
    let mut calls = 0;
    loop {
        let users = &app.users;
        let found =
            users.by_or_scan(User::BY_NAME).prefix("xy").and(users.by_or_scan(User::BY_COUNTRY).equal(&2));
        let mut ids: Vec<u32> = found.keys().collect();
        ids.sort_unstable();
        let is_found = |user: &User| user.name.starts_with("xy") && user.country == 2;
        let expected = users.iter().filter(|(_, user)| is_found(user)).map(|(id, _)| id);
        assert_eq!(ids, expected.collect::<Vec<_>>());
        let plan = found.explain().unwrap().to_string();
        let is_complete = users.try_by(User::BY_COUNTRY).is_ok();
        assert_eq!(plan.starts_with("all 300 rows of `users`"), !is_complete, "{plan}");
        assert_eq!(
            plan.contains("`users.name`, which is not complete"),
            users.try_by(User::BY_NAME).is_err()
        );
        calls += 1;
        drop(found);
        if app.sweep(&mut Budget::pages(1)).unwrap().is_done() {
            break;
        }
    }
    assert!(calls > 5 && app.users.try_by(User::BY_NAME).is_ok());
    let plan = app.users.by_or_scan(User::BY_NAME).prefix("xy").explain().unwrap().to_string();
    assert!(plan.starts_with("range of `users.name`: about "), "{plan}");
}
