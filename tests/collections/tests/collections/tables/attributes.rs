//! Every attribute of a row in use, as docs/tables.md shows them.

#![allow(clippy::duplicated_attributes, reason = "two indexes have a field in common")]

use graven::{Budget, StableLayout, Table, Text};
use graven_tests::memory::Bytes;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(
    index(country, karma),
    unique(country, number),
    index(by = lowercase -> String),
    index(each = words -> String, version = 2),
    index(karma, where = is_active, name = "best"),
    expires = until,
)]
struct User {
    #[table(key, auto)]
    id: u64,
    #[table(unique)]
    email: String,
    #[table(index(include(number, karma)))]
    name: String,
    #[table(index(each))]
    tags: Vec<String>,
    #[table(references(Group))]
    team: Option<u64>,
    country: Text<2>,
    number: u32,
    karma: i64,
    until: Option<u64>,
}

fn lowercase(user: &User) -> String {
    user.name.to_lowercase()
}

fn words(user: &User) -> Vec<String> {
    user.name.split(' ').map(String::from).collect()
}

fn is_active(user: &User) -> bool {
    user.karma >= 0
}

#[derive(Debug, StableLayout, Table)]
#[layout(version = 1)]
struct Team {
    #[table(key)]
    region: u8,
    #[table(key)]
    number: u64,
}

#[derive(Debug, StableLayout, Table)]
#[layout(version = 1)]
struct Group {
    #[table(key)]
    id: u64,
}

mod teams {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    pub struct Member {
        #[table(key)]
        pub id: u64,
        #[table(references(Team, on_delete = cascade))]
        pub team: Option<(u8, u64)>,
    }
}

#[graven::store]
struct App {
    users: Table<User>,
    members: Table<teams::Member>,
    teams: Table<Team>,
    groups: Table<Group>,
}

#[test]
fn every_attribute_does_what_the_documentation_says() {
    let mut app = App::open(Bytes::default()).unwrap();
    let user = |name: &str, country: &str, number, karma| User {
        id: 0,
        email: format!("{name}@example.org"),
        name: name.into(),
        tags: vec![if karma < 0 { "wasm".into() } else { "rust".into() }],
        team: None,
        country: country.parse().unwrap(),
        number,
        karma,
        until: (karma < 0).then_some(9),
    };
    for row in [user("foo bar", "CH", 7, 200), user("FOO", "CH", 8, 5), user("bar foo", "AT", 7, -1)] {
        app.users.insert(row).unwrap();
    }
    let names = |rows: Vec<User>| rows.into_iter().map(|user| user.name).collect::<Vec<_>>();
    let users = &app.users;
    let swiss = users.by(User::BY_COUNTRY_KARMA).prefix(&("CH",));
    assert_eq!(names(swiss.rows().rev().collect()), ["foo bar", "FOO"]);
    let seventh = users.by(User::BY_COUNTRY_NUMBER).get(&(Text::new("CH").unwrap(), 7)).unwrap();
    assert_eq!(seventh.name, "foo bar");
    assert_eq!(names(users.by(User::BY_LOWERCASE).prefix("foo").rows().collect()), ["FOO", "foo bar"]);
    assert_eq!(names(users.by(User::BY_WORDS).equal("foo").rows().collect()), ["foo bar", "bar foo"]);
    assert_eq!(names(users.by(User::BY_BEST).range(100..).rows().collect()), ["foo bar"]);
    assert_eq!(users.by(User::BY_BEST).count(), 2);
    assert_eq!(users.by(User::BY_TAGS).equal("rust").count(), 2);
    assert_eq!(users.by(User::BY_TEAM).equal(&None).count(), 3);
    assert_eq!(users.by(User::BY_EMAIL).get("FOO@example.org").unwrap().id, 1);
    assert!(users.by(User::BY_NAME).prefix("f").fields(User::KARMA).eq([200]));
    assert_eq!(app.users.expire(9, &mut Budget::entries(10)).removed, 1);
    app.teams.insert(Team { region: 1, number: 2 }).unwrap();
    assert_eq!(app.teams.get(&(1, 2)).unwrap().number, 2);
    app.members.insert(teams::Member { id: 5, team: Some((1, 2)) }).unwrap();
    app.teams.remove(&(1, 2)).unwrap().unwrap();
    assert!(app.members.is_empty() && app.groups.is_empty());
    app.users.verify().unwrap();
}
