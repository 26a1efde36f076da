//! Requests of tools beside a filter over all rows: every order, filters, fields, cursors, budgets.

use graven::ask::{AskError, Comparison, Filter, Request, Value};
use graven::{Budget, StableLayout, Table, Text};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Shape {
    Dot,
    Circle { radius: u32 },
    Named(String),
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Inner {
    at: (i8, String),
    flag: bool,
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma), index(by = initial -> u8), unique(code, name = "code"))]
struct User {
    #[table(key)]
    id: u32,
    #[table(index)]
    name: String,
    country: Text<3>,
    karma: i16,
    #[table(index(each))]
    tags: Vec<String>,
    code: String,
    team: Option<u64>,
    inner: Inner,
    shape: Shape,
    weights: Vec<f32>,
    nothing: [(); 2],
}

fn initial(user: &User) -> u8 {
    user.name.as_bytes()[0]
}

#[graven::store]
struct App {
    users: Table<User>,
    limit: graven::Cell<u64>,
}

fn user(id: u32, rng: &mut Rng) -> User {
    let shape = match rng.below(3) {
        0 => Shape::Dot,
        1 => Shape::Circle { radius: id },
        _ => Shape::Named(format!("shape\0{id}")),
    };
    User {
        id,
        name: format!("{}{}", ["x", "xy", "y\0", "z"][rng.below(4) as usize], rng.below(20)),
        country: ["AT", "CH", "D"][rng.below(3) as usize].parse().unwrap(),
        karma: rng.below(40) as i16 - 20,
        tags: (0..rng.below(3)).map(|_| ["a", "ab", "b"][rng.below(3) as usize].to_owned()).collect(),
        code: format!("c{id}"),
        team: (!rng.once_in(3)).then(|| rng.below(5)),
        inner: Inner {
            at: (rng.below(9) as i8 - 4, "at".repeat(rng.below(3) as usize)),
            flag: rng.once_in(2),
        },
        shape,
        weights: (0..rng.below(3)).map(|n| n as f32 / 2.0).collect(),
        nothing: [(), ()],
    }
}

fn app(rows: u32) -> App {
    let mut rng = Rng::new(3);
    let mut app = App::open(Bytes::default()).unwrap();
    for id in 0..rows {
        app.users.insert(user(id * 3, &mut rng)).unwrap();
    }
    app
}

fn field(name: &str, is: Comparison, value: Value) -> Filter {
    Filter::Field { name: name.to_owned(), is, value }
}

/// A filter, and the same over the type.
type Both = (Filter, Box<dyn Fn(&User) -> bool>);

fn leaf(rng: &mut Rng) -> Both {
    use Comparison::{AtLeast, AtMost, Contains, Equal, Greater, Less, Prefix};
    let text = |text: &str| Value::Text(text.to_owned());
    let karma = rng.below(50) as i16 - 25;
    let number = Value::Int(karma.into());
    let id = rng.below(900) as u32;
    let name = ["x", "xy", "y\0", "y", "", "xy1"][rng.below(6) as usize];
    match rng.below(12) {
        0 => (field("karma", Less, number), Box::new(move |user| user.karma < karma)),
        1 => (field("karma", AtMost, number), Box::new(move |user| user.karma <= karma)),
        2 => (field("id", Greater, Value::Nat(id.into())), Box::new(move |user| user.id > id)),
        3 => (field("id", AtLeast, Value::Int(id.into())), Box::new(move |user| user.id >= id)),
        4 => (field("id", AtMost, Value::Nat(id.into())), Box::new(move |user| user.id <= id)),
        5 => (field("name", Prefix, text(name)), Box::new(move |user| user.name.starts_with(name))),
        6 => (field("country", Equal, text("CH")), Box::new(|user| &*user.country == "CH")),
        7 => (field("tags", Contains, text("a")), Box::new(|user| user.tags.iter().any(|tag| tag == "a"))),
        8 => (field("team", Equal, Value::Null), Box::new(|user| user.team.is_none())),
        9 => (field("team", AtMost, Value::Nat(2)), Box::new(|user| user.team.is_none_or(|team| team <= 2))),
        10 => (field("inner.flag", Equal, Value::Bool(true)), Box::new(|user| user.inner.flag)),
        _ => (field("name", AtLeast, text(name)), Box::new(move |user| &*user.name >= name)),
    }
}

fn filter(depth: u32, rng: &mut Rng) -> Both {
    if depth == 0 || rng.once_in(3) {
        return leaf(rng);
    }
    let (a, is_a) = filter(depth - 1, rng);
    let (b, is_b) = filter(depth - 1, rng);
    match rng.below(5) {
        0 => (Filter::Not(Box::new(a)), Box::new(move |user| !is_a(user))),
        1 => (Filter::Any(vec![a, b]), Box::new(move |user| is_a(user) || is_b(user))),
        _ => (Filter::All(vec![a, b]), Box::new(move |user| is_a(user) && is_b(user))),
    }
}

#[test]
fn requests_find_what_a_filter_finds_in_any_order() {
    let mut rng = Rng::new(1);
    let app = app(300);
    let orders = [None, Some("name"), Some("country_karma"), Some("code"), Some("initial"), Some("tags")];
    let (mut found_some, mut read) = (0, 0);
    for round in 0..1_500 {
        let (filter, expected) = filter(3, &mut rng);
        let order = orders[round % orders.len()];
        let request = Request {
            table: "users".into(),
            filter: Some(filter),
            order: order.map(Into::into),
            descending: rng.once_in(2),
            limit: 1 + rng.below(40) as u32,
            fields: Some(vec!["id".into(), "inner.at".into()]),
            ..Request::default()
        };
        let (mut after, mut ids) = (None, Vec::new());
        loop {
            let mut budget = Budget::entries(1 + rng.below(100));
            let answer = app.ask(&Request { after, ..request.clone() }, &mut budget).unwrap();
            assert!(answer.rows.len() <= request.limit as usize && answer.read <= 101);
            read += answer.read;
            for row in answer.rows {
                let [(_, Value::Nat(id)), (name, Value::List(at))] = row.as_slice() else {
                    panic!("{row:?}")
                };
                assert_eq!((name.as_str(), at.len()), ("inner.at", 2));
                ids.push(*id as u32);
            }
            after = answer.next;
            if after.is_none() {
                break;
            }
        }
        let mut wanted: Vec<User> =
            app.users.iter().map(|(_, user)| user).filter(|user| expected(user)).collect();
        match order {
            Some("name") => wanted.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id))),
            Some("country_karma") => {
                wanted.sort_by(|a, b| (&*a.country, a.karma, a.id).cmp(&(&*b.country, b.karma, b.id)));
            }
            Some("code") => wanted.sort_by(|a, b| a.code.cmp(&b.code)),
            Some("initial") => wanted.sort_by_key(|user| (initial(user), user.id)),
            Some("tags") => {
                // A row comes for each of its tags, and one without tags never.
                ids.sort_unstable();
                ids.dedup();
                wanted.retain(|user| !user.tags.is_empty());
                if let Some(Filter::Field { name, .. }) = &request.filter
                    && name == "tags"
                {
                    wanted.retain(|user| user.tags.iter().any(|tag| tag == "a"));
                }
            }
            _ => {}
        }
        let mut wanted: Vec<u32> = wanted.iter().map(|user| user.id).collect();
        if request.descending && order != Some("tags") {
            wanted.reverse();
        }
        assert_eq!(ids, wanted, "{request:?}");
        found_some += usize::from(!ids.is_empty());
    }
    assert!(found_some > 800 && read > 1_500 * 20, "{found_some} {read}");
}

#[test]
fn a_condition_on_the_first_field_of_the_order_narrows_what_is_read() {
    let app = app(300);
    let read = |order: Option<&str>, condition: Filter| {
        let request = Request {
            table: "users".into(),
            filter: Some(condition),
            order: order.map(Into::into),
            limit: 1_000,
            ..Request::default()
        };
        let answer = app.ask(&request, &mut Budget::entries(1_000)).unwrap();
        (answer.read, answer.rows.len() as u64)
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let (all, named) = read(None, field("name", Comparison::Equal, text("xy1")));
    assert_eq!((all, named > 0), (300, true));
    assert_eq!(read(Some("name"), field("name", Comparison::Equal, text("xy1"))), (named, named));
    let (read_by_prefix, found) = read(Some("name"), field("name", Comparison::Prefix, text("xy")));
    assert_eq!(read_by_prefix, found);
    let swiss = read(Some("country_karma"), field("country", Comparison::Equal, text("CH")));
    assert_eq!(swiss.0, swiss.1);
    let tagged = read(Some("tags"), field("tags", Comparison::Contains, text("ab")));
    assert_eq!(tagged.0, tagged.1);
    assert_eq!(read(Some("code"), field("code", Comparison::Equal, text("c30"))).1, 1);
    assert_eq!(read(None, field("id", Comparison::AtLeast, Value::Nat(870))), (10, 10));
}

#[test]
fn a_row_is_shown_with_all_its_values() {
    let app = app(40);
    let request = Request { table: "users".into(), limit: 40, ..Request::default() };
    let answer = app.ask(&request, &mut Budget::entries(100)).unwrap();
    assert_eq!((answer.rows.len(), answer.next, answer.read), (40, None, 40));
    for (row, (_, user)) in answer.rows.into_iter().zip(&app.users) {
        let text = |text: &str| Value::Text(text.to_owned());
        let shape = match &user.shape {
            Shape::Dot => Value::Variant("Dot".into(), Box::new(Value::Record(vec![]))),
            Shape::Circle { radius } => {
                let fields = vec![("radius".into(), Value::Nat((*radius).into()))];
                Value::Variant("Circle".into(), Box::new(Value::Record(fields)))
            }
            Shape::Named(name) => {
                let fields = vec![("0".into(), text(name))];
                Value::Variant("Named".into(), Box::new(Value::Record(fields)))
            }
        };
        let at = Value::List(vec![Value::Int(user.inner.at.0.into()), text(&user.inner.at.1)]);
        let inner = Value::Record(vec![("at".into(), at), ("flag".into(), Value::Bool(user.inner.flag))]);
        let expected = vec![
            ("id".to_owned(), Value::Nat(user.id.into())),
            ("name".into(), text(&user.name)),
            ("country".into(), text(&user.country)),
            ("karma".into(), Value::Int(user.karma.into())),
            ("tags".into(), Value::List(user.tags.iter().map(|tag| text(tag)).collect())),
            ("code".into(), text(&user.code)),
            ("team".into(), user.team.map_or(Value::Null, |team| Value::Nat(team.into()))),
            ("inner".into(), inner),
            ("shape".into(), shape),
            ("weights".into(), Value::List(user.weights.iter().map(|n| Value::Float((*n).into())).collect())),
            ("nothing".into(), Value::List(vec![])),
        ];
        assert_eq!(row, expected);
    }
}

#[test]
fn a_request_that_names_what_is_not_there_says_so() {
    let app = app(3);
    let ask = |request: Request| app.ask(&request, &mut Budget::entries(10)).unwrap_err();
    let users = || Request { table: "users".into(), limit: 1, ..Request::default() };
    assert!(
        matches!(ask(Request { table: "limit".into(), ..users() }), AskError::UnknownTable(name) if name == "limit")
    );
    assert!(matches!(ask(Request { table: "user".into(), ..users() }), AskError::UnknownTable(_)));
    assert!(matches!(ask(Request { order: Some("karma".into()), ..users() }), AskError::UnknownIndex(_)));
    let unknown = Filter::Not(Box::new(field("inner.no", Comparison::Equal, Value::Null)));
    let error = ask(Request { filter: Some(unknown), ..users() });
    assert_eq!(error.to_string(), "the rows have no field `inner.no`");
    assert!(matches!(ask(Request { fields: Some(vec!["no".into()]), ..users() }), AskError::UnknownField(_)));
    let deep =
        (0..17).fold(field("id", Comparison::Equal, Value::Nat(1)), |inner, _| Filter::Not(Box::new(inner)));
    assert!(matches!(ask(Request { filter: Some(deep), ..users() }), AskError::TooDeep));
    let first = app.ask(&users(), &mut Budget::entries(10)).unwrap().next;
    assert!(first.is_some());
    let elsewhere = Request { order: Some("name".into()), after: first, ..users() };
    assert!(matches!(ask(elsewhere), AskError::Store(graven::Error::BadCursor { .. })));
    assert!(matches!(ask(Request { after: Some(vec![1, 2]), ..users() }), AskError::Store(_)));
}

/// The text is that of docs/tables.md.
#[test]
fn requests_and_answers_are_json_as_well() {
    let docs = include_str!("../../../../../docs/tables.md");
    let (_, text) = docs.split_once("```json\n").unwrap();
    let (text, _) = text.split_once("```").unwrap();
    let request: Request = serde_json::from_str(text).unwrap();
    let is = Filter::Field { name: "name".into(), is: Comparison::Prefix, value: Value::Text("foo".into()) };
    let expected = Request {
        table: "users".into(),
        filter: Some(is),
        order: Some("name".into()),
        limit: 20,
        ..Request::default()
    };
    assert_eq!(request, expected);
    let (mut app, mut rng) = (App::open(Bytes::default()).unwrap(), Rng::new(9));
    for (id, name) in ["foot", "bar", "foo"].into_iter().enumerate() {
        app.users.insert(User { name: name.into(), ..user(id as u32, &mut rng) }).unwrap();
    }
    let request = Request { fields: Some(vec!["name".into(), "shape".into()]), ..request };
    let answer = app.ask(&request, &mut Budget::entries(10)).unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    assert!(text.starts_with(r#"{"rows":[[["name",{"Text":"foo"}],["shape","#), "{text}");
    assert_eq!(serde_json::from_str::<graven::ask::Answer>(&text).unwrap(), answer);
    let wrong = serde_json::from_str::<Request>(r#"{ "table": 7 }"#).unwrap_err();
    assert!(wrong.to_string().contains("invalid type: integer `7`"), "{wrong}");
}
