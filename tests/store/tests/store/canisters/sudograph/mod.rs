//! GraphQL documents to the canister of `examples/sudograph`. Those that cost too much or are
//! malformed are in `guard`.

mod guard;

use std::path::PathBuf;

use graven_testkit::Canister;
use serde_json::{Value, json};

fn wasm() -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join("sudograph.wasm");
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A canister, and the instructions of the last message to it.
struct Endpoint {
    canister: Canister,
    instructions: u64,
}

impl Endpoint {
    fn new() -> Self {
        Self { canister: Canister::install(&wasm(), ()).unwrap(), instructions: 0 }
    }

    /// Sends a document to `graphql_query`. Returns the whole response.
    fn ask(&mut self, text: &str, variables: &Value) -> Value {
        let outcome = self.canister.query::<_, (String,)>("graphql_query", (text, variables.to_string()));
        self.instructions = outcome.instructions();
        serde_json::from_str(&outcome.unwrap().0).unwrap()
    }

    /// Sends a document to `graphql_mutation`. Returns the whole response.
    fn change(&mut self, text: &str, variables: &Value) -> Value {
        let outcome = self.canister.update::<_, (String,)>("graphql_mutation", (text, variables.to_string()));
        self.instructions = outcome.instructions();
        serde_json::from_str(&outcome.unwrap().0).unwrap()
    }

    /// Returns the data of a question that must succeed.
    #[track_caller]
    fn data(&mut self, text: &str, variables: &Value) -> Value {
        data(self.ask(text, variables))
    }

    /// Returns the data of a change that must succeed.
    #[track_caller]
    fn changed(&mut self, text: &str, variables: &Value) -> Value {
        data(self.change(text, variables))
    }

    #[track_caller]
    fn create_user(&mut self, name: &str, country: &str, karma: i64) -> u64 {
        let input = json!({
            "name": name, "email": format!("{name}@example.org"), "country": country, "karma": karma,
        });
        let created = self.changed(CREATE_USER, &json!({ "input": input }));
        created["createUser"]["id"].as_u64().unwrap()
    }

    #[track_caller]
    fn create_team(&mut self, name: &str) -> u64 {
        let created = self
            .changed("mutation($name: String!) { createTeam(name: $name) { id } }", &json!({ "name": name }));
        created["createTeam"]["id"].as_u64().unwrap()
    }

    #[track_caller]
    fn create_post(&mut self, author: u64, title: &str, tags: &[&str]) -> u64 {
        let input = json!({ "author": author, "title": title, "body": "…", "tags": tags });
        let created = self.changed(
            "mutation($input: NewPost!) { createPost(input: $input) { id } }",
            &json!({ "input": input }),
        );
        created["createPost"]["id"].as_u64().unwrap()
    }
}

const CREATE_USER: &str = "mutation($input: NewUser!) { createUser(input: $input) { id } }";

#[track_caller]
fn data(response: Value) -> Value {
    assert_eq!(response["errors"], Value::Null, "{response}");
    response["data"].clone()
}

/// Returns the extensions of the first error of a response without data.
#[track_caller]
fn extensions(response: &Value) -> Value {
    let extensions = response["errors"][0]["extensions"].clone();
    assert!(response["data"].is_null() && extensions.is_object(), "{response}");
    extensions
}

/// Returns the names of rows.
fn names(rows: &Value) -> Vec<&str> {
    rows["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// Returns the names and numbers of users of a program that sorts them on the heap.
fn sorted(users: &[(String, &str, i64)], country: Option<&str>, prefix: &str, order: &str) -> Vec<u64> {
    let mut found: Vec<u64> = (0..users.len() as u64)
        .filter(|id| {
            let (name, of, _) = &users[*id as usize];
            name.starts_with(prefix) && country.is_none_or(|country| country == *of)
        })
        .collect();
    if order.starts_with("NAME") {
        found.sort_by_key(|id| (&users[*id as usize].0, *id));
    } else {
        found.sort_by_key(|id| (users[*id as usize].2, *id));
    }
    if order.ends_with("DESC") {
        found.reverse();
    }
    found
}

#[test]
fn users_are_filtered_ordered_and_read_page_by_page() {
    let mut endpoint = Endpoint::new();
    let users: Vec<(String, &str, i64)> = (0..150_i64)
        .map(|n| {
            (format!("{:x}", n * n * 7919 % 65_521), ["CH", "AT", "DE"][n as usize % 3], n * 37 % 11 - 5)
        })
        .collect();
    for (n, (name, country, karma)) in users.iter().enumerate() {
        let input =
            json!({ "name": name, "email": format!("{n}@x.org"), "country": country, "karma": karma });
        endpoint.changed(CREATE_USER, &json!({ "input": input }));
    }
    let text = "query($where: UserFilter, $order: UserOrder, $first: Int, $after: String) {
        users(where: $where, order: $order, first: $first, after: $after) { rows { id } next }
    }";
    let cases = [
        (None, ""),
        (None, "a"),
        (None, "1f"),
        (None, "none"),
        (Some("CH"), ""),
        (Some("AT"), "d"),
        (Some("FR"), ""),
    ];
    for (country, prefix) in cases {
        for order in ["NAME_ASC", "NAME_DESC", "KARMA_ASC", "KARMA_DESC"] {
            if !prefix.is_empty() && order.starts_with("KARMA") {
                continue;
            }
            let prefix_or_none = Some(prefix).filter(|prefix| !prefix.is_empty());
            let filter = json!({ "country": country, "nameStartsWith": prefix_or_none });
            let (mut after, mut found) = (Value::Null, Vec::new());
            loop {
                let variables = json!({ "where": filter, "order": order, "first": 7, "after": after });
                let page = endpoint.data(text, &variables)["users"].clone();
                found.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()));
                after = page["next"].clone();
                if after.is_null() {
                    break;
                }
            }
            assert_eq!(found, sorted(&users, country, prefix, order), "{country:?} {prefix} {order}");
        }
    }
    let variables = json!({ "where": { "nameStartsWith": "a" }, "order": "KARMA_ASC" });
    let refused = endpoint.ask(text, &variables);
    assert_eq!(extensions(&refused), json!({ "code": "NO_INDEX" }), "no index has this order");
}

#[test]
fn joins_lead_from_users_to_teams_and_posts_and_back() {
    let mut endpoint = Endpoint::new();
    let [ann, bob, cy] = ["Ann", "Bob", "Cy"].map(|name| endpoint.create_user(name, "CH", 0));
    let (red, blue) = (endpoint.create_team("red"), endpoint.create_team("blue"));
    let text = "mutation($users: [Int!]!, $team: Int) { moveTeam(users: $users, team: $team) { name team { name } } }";
    let moved = endpoint.changed(text, &json!({ "users": [bob, ann], "team": red }));
    assert_eq!(
        moved["moveTeam"],
        json!([{ "name": "Bob", "team": { "name": "red" } }, { "name": "Ann", "team": { "name": "red" } }])
    );
    endpoint.changed(text, &json!({ "users": [cy], "team": blue }));
    endpoint.create_post(ann, "One", &["rust", "news"]);
    endpoint.create_post(bob, "Two", &["rust"]);
    endpoint.create_post(ann, "Three", &[]);

    let text = "query($email: String!) { user(email: $email) {
        name
        team { name members(first: 10) { rows { name posts(first: 1) { rows { title } } } } }
        posts { rows { title author { name } } next }
    } }";
    let user = endpoint.data(text, &json!({ "email": "Ann@example.org" }))["user"].clone();
    println!("a user with team, members and posts: {} instructions", endpoint.instructions);
    let members = json!([
        { "name": "Ann", "posts": { "rows": [{ "title": "Three" }] } },
        { "name": "Bob", "posts": { "rows": [{ "title": "Two" }] } },
    ]);
    let posts = json!([
        { "title": "Three", "author": { "name": "Ann" } },
        { "title": "One", "author": { "name": "Ann" } },
    ]);
    assert_eq!(
        user,
        json!({
            "name": "Ann",
            "team": { "name": "red", "members": { "rows": members } },
            "posts": { "rows": posts, "next": null },
        })
    );
    let text = "query($tag: String) { posts(tag: $tag) { rows { title tags } } }";
    let tagged = endpoint.data(text, &json!({ "tag": "rust" }));
    let two = json!({ "title": "Two", "tags": ["rust"] });
    let one = json!({ "title": "One", "tags": ["rust", "news"] });
    assert_eq!(tagged["posts"]["rows"], json!([two, one]));
    assert_eq!(endpoint.data(text, &json!({ "tag": "rus" }))["posts"]["rows"], json!([]));
    let all = endpoint.data(text, &json!({}));
    assert_eq!(all["posts"]["rows"].as_array().unwrap().len(), 3);

    let text = "{ teams { rows { name members { rows { name } } } } user(id: 99) { name } }";
    let found = endpoint.data(text, &json!({}));
    assert_eq!(names(&found["teams"]), ["blue", "red"]);
    assert_eq!(names(&found["teams"]["rows"][0]["members"]), ["Cy"]);
    assert_eq!(found["user"], Value::Null);
}

#[test]
fn a_change_that_breaks_a_rule_says_which_and_changes_nothing() {
    let mut endpoint = Endpoint::new();
    let [ann, bob] = ["Ann", "Bob"].map(|name| endpoint.create_user(name, "CH", 0));
    let (red, blue) = (endpoint.create_team("red"), endpoint.create_team("blue"));
    let before = endpoint.canister.stable_image();

    let taken = json!({ "code": "NOT_UNIQUE", "table": "users", "index": "email", "key": ann });
    let input = json!({ "name": "Another", "email": "Ann@example.org", "country": "CH" });
    let response = endpoint.change(CREATE_USER, &json!({ "input": input }));
    assert_eq!(extensions(&response), taken);
    let text =
        "mutation($id: Int!, $input: UserChange!) { updateUser(id: $id, input: $input) { name karma } }";
    let input = json!({ "email": "Ann@example.org", "karma": 9 });
    let response = endpoint.change(text, &json!({ "id": bob, "input": input }));
    assert_eq!(extensions(&response), taken);
    let response = endpoint.change("mutation { createTeam(name: \"red\") { id } }", &json!({}));
    let taken = json!({ "code": "NOT_UNIQUE", "table": "teams", "index": "name", "key": red });
    assert_eq!(extensions(&response), taken);

    let moving = "mutation($users: [Int!]!, $team: Int) { moveTeam(users: $users, team: $team) { name } }";
    let response = endpoint.change(moving, &json!({ "users": [ann, 77], "team": red }));
    assert_eq!(extensions(&response), json!({ "code": "NOT_FOUND" }), "the first user is moved back");
    let no_team = json!({ "code": "NO_REFERRED_ROW", "table": "users", "index": "team", "key": 55 });
    let response = endpoint.change(moving, &json!({ "users": [ann], "team": 55 }));
    assert_eq!(extensions(&response), no_team);
    assert!(endpoint.canister.stable_image() == before, "stable memory was changed");

    endpoint.changed(moving, &json!({ "users": [ann, bob], "team": red }));
    let before = endpoint.canister.stable_image();
    let deleting = "mutation($id: Int!, $to: Int) { deleteTeam(id: $id, moveTo: $to) }";
    let response = endpoint.change(deleting, &json!({ "id": red }));
    let referred = json!({ "code": "REFERRED", "table": "teams", "index": "users.team", "key": ann });
    assert_eq!(extensions(&response), referred, "it has members");
    let response = endpoint.change(deleting, &json!({ "id": red, "to": 55 }));
    assert_eq!(extensions(&response), no_team);
    assert!(endpoint.canister.stable_image() == before, "stable memory was changed");
    assert_eq!(endpoint.changed(deleting, &json!({ "id": red, "to": blue }))["deleteTeam"], true);
    let members = endpoint.data("{ teams { rows { name members { rows { name } } } } }", &json!({}));
    assert_eq!(names(&members["teams"]), ["blue"]);
    assert_eq!(names(&members["teams"]["rows"][0]["members"]), ["Ann", "Bob"]);

    let (post, other) = (endpoint.create_post(ann, "One", &["a"]), endpoint.create_post(bob, "Two", &["a"]));
    assert!(post < other);
    let gone = endpoint.changed("mutation($id: Int!) { deleteUser(id: $id) }", &json!({ "id": ann }));
    assert_eq!(gone["deleteUser"], true);
    let left = endpoint.data("{ posts(tag: \"a\") { rows { id author { name } } } }", &json!({}));
    assert_eq!(left["posts"]["rows"], json!([{ "id": other, "author": { "name": "Bob" } }]));
    let input = json!({ "author": ann, "title": "From nobody", "body": "" });
    let text = "mutation($input: NewPost!) { createPost(input: $input) { id } }";
    let response = endpoint.change(text, &json!({ "input": input }));
    let no_author = json!({ "code": "NO_REFERRED_ROW", "table": "posts", "index": "author", "key": ann });
    assert_eq!(extensions(&response), no_author);
}

#[test]
fn a_user_with_more_posts_than_one_message_removes_stays() {
    let mut endpoint = Endpoint::new();
    let ann = endpoint.create_user("Ann", "CH", 0);
    let create = |n: u64| {
        format!("a{n}: createPost(input: {{ author: {ann}, title: \"{n}\", body: \"\" }}) {{ id }} ")
    };
    let text: String = (0..50).map(create).collect();
    for _ in 0..21 {
        endpoint.changed(&format!("mutation {{ {text} }}"), &json!({}));
    }
    let response = endpoint.change("mutation { deleteUser(id: 0) }", &json!({}));
    let too_many = json!({ "code": "TOO_MANY_ROWS", "table": "users", "index": null, "key": ann });
    assert_eq!(extensions(&response), too_many);
    assert_eq!(endpoint.data("{ user(id: 0) { name } }", &json!({}))["user"]["name"], "Ann");
}

#[test]
fn the_fields_of_one_mutation_are_transactions_one_after_the_other() {
    let mut endpoint = Endpoint::new();
    let text = "mutation { a: createTeam(name: \"a\") { id } b: createTeam(name: \"a\") { id } }";
    let response = endpoint.change(text, &json!({}));
    assert_eq!(response["errors"][0]["path"], json!(["b"]));
    assert_eq!(names(&endpoint.data("{ teams { rows { name } } }", &json!({}))["teams"]), ["a"]);
}

#[test]
fn rows_and_cursors_outlive_an_upgrade() {
    let mut endpoint = Endpoint::new();
    for n in 0..30 {
        endpoint.create_user(&format!("user {n:02}"), "CH", n);
    }
    let text = "query($after: String) {
        users(order: KARMA_DESC, where: { country: \"CH\" }, first: 20, after: $after) { rows { name } next }
    }";
    let first = endpoint.data(text, &json!({}))["users"].clone();
    let upgrade = endpoint.canister.upgrade(&wasm(), ());
    println!("upgrade: {} instructions", upgrade.instructions());
    upgrade.unwrap();
    let second = endpoint.data(text, &json!({ "after": first["next"] }))["users"].clone();
    let expected: Vec<String> = (0..30).rev().map(|n| format!("user {n:02}")).collect();
    assert_eq!([names(&first), names(&second)].concat(), expected);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(endpoint.create_user("user 30", "CH", 30), 30, "no number is given twice");
}

#[test]
fn what_documents_cost() {
    let mut endpoint = Endpoint::new();
    for n in 0..100 {
        endpoint.create_user(&format!("user {n:02}"), "CH", n);
    }
    let change = endpoint.instructions;
    endpoint.data("{ user(id: 5) { name } }", &json!({}));
    let one = endpoint.instructions;
    endpoint.data("{ users(first: 20) { rows { id name country karma } next } }", &json!({}));
    let page = endpoint.instructions;
    println!("createUser {change}, one user {one}, a page of 20 {page} instructions");
    assert!(change < 2_000_000 && one < 2_000_000 && page < 5_000_000, "{change} {one} {page}");
}
