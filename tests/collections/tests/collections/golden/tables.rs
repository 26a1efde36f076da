//! Tables and their indexes: each kind of index, one that is not complete, a dropped one, and rows
//! that the table numbers.

use graven::{Budget, DefaultMemoryImpl, StableLayout, Table, Text};
use serde_json::{Value as Json, json};

mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    #[table(index(country, karma))]
    pub struct User {
        #[table(key, auto)]
        pub id: u64,
        #[table(unique(include(name, karma)))]
        pub email: String,
        #[table(index(include(country)))]
        pub name: String,
        #[table(index(name = "gone"))]
        pub country: Text<2>,
        pub karma: i64,
        #[table(index(each))]
        pub tags: Vec<String>,
    }

    #[graven::store]
    pub struct App {
        pub users: Table<User>,
        pub places: Table<Place>,
        pub words: Table<Word>,
    }
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma), index(by = length -> u32, where = is_swiss))]
struct User {
    #[table(key, auto)]
    id: u64,
    #[table(unique(include(name, karma)))]
    email: String,
    #[table(index(include(country)))]
    name: String,
    country: Text<2>,
    karma: i64,
    #[table(index(each))]
    tags: Vec<String>,
}

/// Two fields are the key, and the values of the unique index have a constant size.
#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(unique(x, y))]
pub struct Place {
    #[table(key)]
    country: Text<2>,
    #[table(key)]
    number: u32,
    x: i32,
    y: i32,
}

/// Keys of rows vary in length, and a unique index includes a field.
#[derive(StableLayout, Table)]
#[layout(version = 1)]
pub struct Word {
    #[table(key)]
    word: String,
    #[table(unique(include(length)))]
    number: u32,
    length: u16,
}

fn length(user: &User) -> u32 {
    user.name.len() as u32
}

fn is_swiss(user: &User) -> bool {
    *user.country == *"CH"
}

#[graven::store]
struct App {
    users: Table<User>,
    places: Table<Place>,
    words: Table<Word>,
}

const USERS: u64 = 300;
const PLACES: u32 = 500;
const WORDS: u32 = 5;
/// The rows that the new index has: two steps of 32.
const INDEXED: u64 = 64;

fn country(n: u64) -> &'static str {
    ["CH", "AT", "LI"][n as usize % 3]
}

fn karma(n: u64) -> i64 {
    if n == 7 { 1_000 } else { (n * 37 % 100) as i64 - 50 }
}

fn email(n: u64) -> String {
    format!("{n}@example.org")
}

fn name(n: u64) -> String {
    "n".repeat(1 + n as usize * 7 % 11)
}

fn tags(n: u64) -> Vec<String> {
    (0..n % 3).map(|tag| format!("{}\0{tag}", n % 7)).collect()
}

fn x(n: u32) -> i32 {
    (n * 77 % 501) as i32 - 250
}

fn text(n: u64) -> Text<2> {
    country(n).parse().unwrap()
}

/// Writes the memory.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut app = before::App::open(memory.clone()).unwrap();
    for n in 0..USERS {
        let (email, name, country, tags) = (email(n), name(n), text(n), tags(n));
        app.users.insert(before::User { id: 0, email, name, country, karma: 0, tags }).unwrap();
        app.users.update(&n, |user| user.karma = karma(n)).unwrap();
    }
    app.users.insert(before::User { id: 0, ..row() }).unwrap();
    app.users.remove(&USERS).unwrap();
    for number in 0..PLACES {
        let country = text(number.into());
        app.places.insert(Place { country, number, x: x(number), y: -1 }).unwrap();
    }
    (0..PLACES).step_by(5).for_each(|n| _ = app.places.remove(&(text(n.into()), n)).unwrap());
    for number in 0..WORDS {
        let length = number as u16;
        app.words.insert(Word { word: "w".repeat(number as usize), number, length: 0 }).unwrap();
        app.words.update(&"w".repeat(number as usize), |row| row.length = length).unwrap();
    }
    drop(app);
    let mut app = App::open(memory.clone()).unwrap();
    app.sweep(&mut Budget::pages(2)).unwrap();
}

/// A row that is removed again.
fn row() -> before::User {
    let (email, name) = ("gone".to_owned(), "gone".to_owned());
    before::User { id: 0, email, name, country: text(0), karma: 0, tags: vec!["gone".to_owned()] }
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let app = App::open(memory.clone()).unwrap();
    app.users.verify().unwrap();
    app.places.verify().unwrap();
    app.words.verify().unwrap();
    let lengths = app.words.by(Word::BY_NUMBER).fields(Word::LENGTH);
    assert!(lengths.eq((0..WORDS).map(|number| number as u16)));
    assert_eq!(app.users.by(User::BY_EMAIL).get("7@example.org").unwrap().karma, 1_000);
    assert!(app.users.try_by(User::BY_LENGTH).is_err());
    assert_eq!(app.places.by(Place::BY_X_Y).get(&(x(1), -1)).unwrap().number, 1);
    stored()
}

/// Returns the entries of an index of users, in order. `value` makes what is compared, and what is
/// listed.
fn index<K: Ord>(name: &str, rows: u64, value: impl Fn(u64) -> Vec<(K, Json)>) -> Json {
    let mut entries: Vec<(K, u64, Json)> =
        (0..rows).flat_map(|n| value(n).into_iter().map(move |(key, json)| (key, n, json))).collect();
    entries.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let row = |n: u64| match name {
        "users.email" => json!([n.to_string(), { "name": self::name(n), "karma": karma(n).to_string() }]),
        "users.name" => json!([n.to_string(), { "country": country(n) }]),
        _ => json!(n.to_string()),
    };
    let entries: Vec<Json> = entries.into_iter().map(|(_, n, json)| json!([json, row(n)])).collect();
    let collection = if name == "users.email" { "UniqueIndex" } else { "Index" };
    let indexed = if rows < USERS { 1 } else { 2 };
    json!({ "name": name, "collection": collection, "indexed": indexed, "entries": entries })
}

/// Returns the roots in the order of the catalog: the last one took the place of the dropped one.
fn stored() -> Vec<Json> {
    let user = |n: u64| {
        json!([n.to_string(), {
            "id": n.to_string(), "email": email(n), "name": name(n), "country": country(n),
            "karma": karma(n).to_string(), "tags": tags(n),
        }])
    };
    let rows: Vec<Json> = (0..USERS).map(user).collect();
    let next = (USERS + 1).to_string();
    let one = |text: String| vec![(text.clone(), json!(text))];
    let ranked = |n| vec![((country(n), karma(n)), json!([country(n), karma(n).to_string()]))];
    let swiss =
        |n: u64| if n.is_multiple_of(3) { vec![(name(n).len(), json!(name(n).len()))] } else { Vec::new() };
    let [places, by_x] = places();
    let [words, by_number] = words();
    vec![
        json!({ "name": "users", "collection": "Table", "next": next, "entries": rows }),
        index("users.email", USERS, |n| one(email(n))),
        index("users.name", USERS, |n| one(name(n))),
        by_number,
        index("users.tags", USERS, |n| tags(n).into_iter().map(|tag| (tag.clone(), json!(tag))).collect()),
        index("users.country_karma", USERS, ranked),
        places,
        by_x,
        words,
        index("users.length", INDEXED, swiss),
    ]
}

/// Returns the places and their index.
fn places() -> [Json; 2] {
    let mut places: Vec<(&str, u32)> =
        (0..PLACES).filter(|n| n % 5 > 0).map(|n| (country(n.into()), n)).collect();
    places.sort_unstable();
    let row = |(country, n): &(&str, u32)| json!([[country, n], { "country": country, "number": n, "x": x(*n), "y": -1 }]);
    let rows: Vec<Json> = places.iter().map(row).collect();
    places.sort_by_key(|(_, n)| x(*n));
    let entries: Vec<Json> = places.iter().map(|(country, n)| json!([[x(*n), -1], [country, n]])).collect();
    [
        json!({ "name": "places", "collection": "Table", "next": "0", "entries": rows }),
        json!({ "name": "places.x_y", "collection": "UniqueIndex", "indexed": 2, "entries": entries }),
    ]
}

/// Returns the words and their index.
fn words() -> [Json; 2] {
    let row = |n: u32| json!(["w".repeat(n as usize), { "word": "w".repeat(n as usize), "number": n, "length": n }]);
    let entry = |n: u32| json!([n, ["w".repeat(n as usize), { "length": n }]]);
    let (rows, entries): (Vec<Json>, Vec<Json>) =
        ((0..WORDS).map(row).collect(), (0..WORDS).map(entry).collect());
    [
        json!({ "name": "words", "collection": "Table", "next": "0", "entries": rows }),
        json!({ "name": "words.number", "collection": "UniqueIndex", "indexed": 2, "entries": entries }),
    ]
}
