//! The stored rows. Each is a GraphQL type as well; fields that lead to other rows are in `query`.

use async_graphql::SimpleObject;
use graven::{StableLayout, Table};

/// Somebody who writes.
#[derive(Clone, SimpleObject, StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, name))]
#[table(index(country, karma))]
#[graphql(complex)]
#[expect(clippy::duplicated_attributes, reason = "two indexes begin with the country")]
pub struct User {
    #[table(key, auto)]
    pub id: u64,
    #[table(index)]
    pub name: String,
    #[table(unique)]
    pub email: String,
    /// Two letters.
    pub country: String,
    #[table(index)]
    pub karma: i64,
    #[table(references(Team, on_delete = restrict))]
    #[graphql(skip)]
    pub team: Option<u64>,
}

/// Users who belong together.
#[derive(Clone, SimpleObject, StableLayout, Table)]
#[layout(version = 1)]
#[graphql(complex)]
pub struct Team {
    #[table(key, auto)]
    pub id: u64,
    #[table(unique)]
    pub name: String,
}

/// Something that a user wrote.
#[derive(Clone, SimpleObject, StableLayout, Table)]
#[layout(version = 1)]
#[graphql(complex)]
pub struct Post {
    #[table(key, auto)]
    pub id: u64,
    #[table(references(User, on_delete = cascade))]
    #[graphql(skip)]
    pub author: u64,
    pub title: String,
    pub body: String,
    #[table(index(each))]
    pub tags: Vec<String>,
    /// Milliseconds since 1970.
    #[table(index)]
    pub at: u64,
}
