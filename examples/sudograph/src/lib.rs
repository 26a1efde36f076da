//! A GraphQL endpoint over tables: users in teams, and their posts.
//!
//! ```text
//! rows      what is stored: users, teams and posts, each with its indexes
//! query     users by name, country or karma; posts by tag; joins from row to row
//! mutation  changes, each of them a transaction
//! page      a part of a list, and the cursor to continue with
//! failure   violations and other errors, as GraphQL has them
//! guard     the limits of a document's cost
//! ```
//! The canister's methods are here.

mod failure;
mod guard;
mod mutation;
mod page;
mod query;
mod rows;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_graphql::{EmptySubscription, Response, Schema};
use graven::Table;

use mutation::Mutation;
use query::Query;
use rows::{Post, Team, User};

#[graven::store]
struct App {
    users: Table<User>,
    teams: Table<Team>,
    posts: Table<Post>,
}

// The schema is made here once: what a query makes on the heap is lost after it.
graven::canister!(App, init = make_schema, post_upgrade = make_schema);

type Graph = Schema<Query, Mutation, EmptySubscription>;

thread_local! {
    static GRAPH: Graph = guard::limited(Schema::build(Query, Mutation, EmptySubscription)).finish();
}

fn make_schema() {
    GRAPH.with(|_| ());
}

/// Answers a GraphQL document with JSON. Variables are a JSON object, or nothing. Refuses
/// mutations, since the changes of a query are lost.
#[ic_cdk::query]
fn graphql_query(text: String, variables_json: String) -> String {
    answer(text, &variables_json, false)
}

/// Answers a GraphQL document with JSON, as `graphql_query` does, and keeps the changes of its
/// mutations.
#[ic_cdk::update]
fn graphql_mutation(text: String, variables_json: String) -> String {
    answer(text, &variables_json, true)
}

fn answer(text: String, variables: &str, may_change: bool) -> String {
    let response = match guard::request(text, variables, may_change) {
        Ok(request) => GRAPH.with(|graph| finish(graph.execute(request))),
        Err(error) => Response::from_errors(vec![error]),
    };
    serde_json::to_string(&response).expect("a response has only texts as keys")
}

/// Runs a future to its end. No resolver waits for anything, so the first poll is usually the last.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    candid::export_service!();

    #[test]
    fn the_interface_is_the_written_one() {
        let exported = __export_service();
        assert_eq!(exported.trim(), include_str!("../sudograph.did").trim(), "{exported}");
    }

    #[test]
    fn the_schema_is_the_written_one() {
        let exported = GRAPH.with(Graph::sdl);
        assert_eq!(exported.trim(), include_str!("../schema.graphql").trim(), "{exported}");
    }
}
