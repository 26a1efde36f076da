//! Documents that are refused, and what the most expensive ones cost.

use serde_json::json;

use super::Endpoint;

#[test]
fn costly_and_malformed_documents_are_errors() {
    let mut endpoint = Endpoint::new();
    endpoint.create_user("Ann", "CH", 0);
    let nested = |depth: usize| {
        format!(
            "{{ users {} }} ",
            "{ rows { team { members ".repeat(depth) + "{ next }" + &"} } }".repeat(depth)
        )
    };
    let wide = "rows { name team { members(first: 100) { rows { name } } } }";
    let fragments: String =
        (0..12).map(|n| format!("fragment f{n} on User {{ name ...f{0} ...f{0} }} ", n + 1)).collect();
    let refused = [
        ("", "an empty document"),
        ("{", "an open bracket"),
        ("{ nothing }", "an unknown field"),
        ("{ user(id: \"x\") { name } }", "a text for a number"),
        ("{ user { name } }", "no key"),
        ("{ user(id: 1, email: \"a\") { name } }", "two keys"),
        ("{ users(first: 101) { next } }", "too large a page"),
        ("{ users(first: 0) { next } }", "a page without rows"),
        ("{ users(first: -1) { next } }", "a negative page"),
        ("{ users(after: \"AAAA\") { next } }", "no cursor"),
        ("{ users(after: \"ä\") { next } }", "no base64"),
        ("mutation { createTeam(name: \"a\") { id } }", "a change in a query"),
        ("{ a: user(id: 1) { ...f } } fragment f on User { ...f }", "a fragment in itself"),
        (&nested(4), "too deep"),
        (&nested(60), "too many brackets"),
        (&format!("{{ user(id: {}", "[".repeat(199)), "brackets that the parser must bear"),
        (&"{a".repeat(100_000), "far too many brackets"),
        (&" ".repeat(20_000), "too long"),
        (&format!("{{ users(first: 100) {{ {wide} }} }}"), "too many rows of rows"),
        (&format!("{{ user(id: 0) {{ ...f0 }} }} {fragments}"), "a fragment that doubles itself"),
        ("query($a: Int!) { user(id: $a) { name } }", "no value of a variable"),
    ];
    for (text, why) in refused {
        let response = endpoint.ask(text, &json!({}));
        assert!(!response["errors"][0]["message"].as_str().unwrap().is_empty(), "{why}: {response}");
        assert!(endpoint.instructions < 30_000_000, "{why}: {} instructions", endpoint.instructions);
    }
    for variables in ["[", "7", "{\"a\": }", &"[".repeat(10_000)] {
        let outcome =
            endpoint.canister.query::<_, (String,)>("graphql_query", ("{ users { next } }", variables));
        assert!(outcome.unwrap().0.contains("BAD_REQUEST"), "{variables:.20}");
    }
    let outcome = endpoint.canister.query::<_, (String,)>("graphql_query", ("{ users { next } }", ""));
    assert_eq!(outcome.unwrap().0, "{\"data\":{\"users\":{\"next\":null}}}", "variables may be missing");
}

#[test]
fn inputs_of_the_wrong_length_are_errors() {
    let mut endpoint = Endpoint::new();
    let text = "mutation($name: String!, $email: String!, $country: String!) {
        createUser(input: { name: $name, email: $email, country: $country }) { id }
    }";
    let long = |count| "𝄞".repeat(count);
    let cases = [
        (long(101), long(3), "CH", false),
        (String::new(), long(3), "CH", false),
        (long(1), long(201), "CH", false),
        (long(1), long(3), "CHE", false),
        (long(100), long(200), "𝄞𝄞", true),
    ];
    for (name, email, country, is_accepted) in cases {
        let response = endpoint.change(text, &json!({ "name": name, "email": email, "country": country }));
        assert_eq!(response["errors"].is_null(), is_accepted, "{response}");
    }
    let text = "mutation($tags: [String!]!) { createPost(input: { author: 0, title: \"a\", body: \"\", tags: $tags }) { id } }";
    for (tags, is_accepted) in
        [(vec![long(51)], false), (vec![long(1); 21], false), (vec![long(50); 20], true)]
    {
        let response = endpoint.change(text, &json!({ "tags": tags }));
        assert_eq!(response["errors"].is_null(), is_accepted, "{response}");
    }
    let prefix = json!({ "prefix": long(5_000) });
    let found = endpoint
        .data("query($prefix: String!) { users(where: { nameStartsWith: $prefix }) { next } }", &prefix);
    assert_eq!(found["users"]["next"], json!(null));
    let found = endpoint.data(
        "query($prefix: String!) { user(email: $prefix) { id } posts(tag: $prefix) { next } }",
        &prefix,
    );
    assert_eq!(found["user"], json!(null));
}

/// The introspection of graphql-js, which many tools send.
const INTROSPECTION: &str = "query IntrospectionQuery {
    __schema {
        description queryType { name } mutationType { name } subscriptionType { name }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
    }
}
fragment FullType on __Type {
    kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef } isDeprecated deprecationReason
    }
    inputFields(includeDeprecated: true) { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
    name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
    kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name } } } } } } } } }
}";

#[test]
fn tools_learn_the_schema() {
    let mut endpoint = Endpoint::new();
    let schema = endpoint.data(INTROSPECTION, &json!({}));
    println!("introspection: {} instructions", endpoint.instructions);
    let types = schema["__schema"]["types"].as_array().unwrap();
    assert!(types.iter().any(|found| found["name"] == "UserPage"));
}

#[test]
fn the_most_expensive_documents_fit_into_a_query() {
    let mut endpoint = Endpoint::new();
    let users: Vec<u64> = (0..100).map(|n| endpoint.create_user(&format!("user {n:02}"), "CH", n)).collect();
    let team = endpoint.create_team("all");
    endpoint.changed(
        "mutation($users: [Int!]!, $team: Int) { moveTeam(users: $users, team: $team) { id } }",
        &json!({ "users": users, "team": team }),
    );
    println!("moving 100 users: {} instructions", endpoint.instructions);
    let rows = "rows { id name email country karma }";
    let wide: String = (0..8).map(|n| format!("a{n}: users(first: 100) {{ {rows} }} ")).collect();
    let members = format!("users(first: 8) {{ rows {{ team {{ members(first: 100) {{ {rows} }} }} }} }}");
    let fields: String = (0..190).map(|n| format!("a{n}: team {{ id }} ")).collect();
    let spreads: String =
        (0..3).map(|n| format!("fragment f{n} on User {{ ...f{0} ...f{0} ...f{0} }} ", n + 1)).collect();
    let doubled = format!("{{ user(id: 0) {{ ...f0 }} }} {spreads} fragment f3 on User {{ {fields} }}");
    for (text, is_accepted) in
        [(format!("{{ {wide} }}"), true), (format!("{{ {members} }}"), true), (doubled, false)]
    {
        let response = endpoint.ask(&text, &json!({}));
        println!("{:.60}…: {} instructions", text, endpoint.instructions);
        assert_eq!(response["errors"].is_null(), is_accepted, "{:.300}", response.to_string());
        assert!(endpoint.instructions < 1_000_000_000, "{:.60}: {}", text, endpoint.instructions);
    }
}
