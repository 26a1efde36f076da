//! Questions, and the fields that lead from a row to others. Each question is one range of one
//! index: one for which there is no index is refused, since it would read all rows.

use async_graphql::{ComplexObject, Enum, InputObject, Object, Result};

use crate::App;
use crate::failure::{Code, failed};
use crate::guard::cost;
use crate::page::{Order, Rows, page};
use crate::rows::{Post, Team, User};

/// The questions.
pub struct Query;

/// The users who are asked for.
#[derive(Default, InputObject)]
pub struct UserFilter {
    /// Those whose names begin so.
    name_starts_with: Option<String>,
    /// Those of this country.
    country: Option<String>,
}

/// The order of users, of which the first one is the usual one.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum UserOrder {
    #[default]
    NameAsc,
    NameDesc,
    KarmaAsc,
    KarmaDesc,
}

#[Object]
impl Query {
    /// Returns users, page by page. Those by karma are not filtered by their names.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn users(
        &self,
        #[graphql(name = "where")] filter: Option<UserFilter>,
        order: Option<UserOrder>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Rows<User>> {
        App::with(|app| users(app, &filter.unwrap_or_default(), order.unwrap_or_default(), first, after))
    }

    /// Returns the user with a number or an email address.
    async fn user(&self, id: Option<u64>, email: Option<String>) -> Result<Option<User>> {
        App::with(|app| match (id, email) {
            (Some(id), None) => Ok(app.users.get(&id)),
            (None, Some(email)) => Ok(app.users.by(User::BY_EMAIL).get(email.as_str())),
            _ => Err(failed(Code::BadRequest, "a user is found by `id` or by `email`")),
        })
    }

    /// Returns teams in the order of their names, page by page.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn teams(&self, first: Option<u32>, after: Option<String>) -> Result<Rows<Team>> {
        App::with(|app| page(&app.teams.by(Team::BY_NAME), Order::Ascending, first, after))
    }

    /// Returns posts with a tag, or all of them, the latest first, page by page.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn posts(
        &self,
        tag: Option<String>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Rows<Post>> {
        App::with(|app| match tag {
            Some(tag) => {
                let tagged = app.posts.by(Post::BY_TAGS).equal(tag.as_str());
                page(&tagged, Order::Descending, first, after)
            }
            None => page(&app.posts.by(Post::BY_AT), Order::Descending, first, after),
        })
    }
}

fn users(
    app: &App,
    filter: &UserFilter,
    order: UserOrder,
    first: Option<u32>,
    after: Option<String>,
) -> Result<Rows<User>> {
    let (users, country, name) = (&app.users, filter.country.as_deref(), filter.name_starts_with.as_deref());
    let (by_karma, order) = match order {
        UserOrder::NameAsc => (false, Order::Ascending),
        UserOrder::NameDesc => (false, Order::Descending),
        UserOrder::KarmaAsc => (true, Order::Ascending),
        UserOrder::KarmaDesc => (true, Order::Descending),
    };
    match (by_karma, country, name) {
        (false, None, name) => page(&users.by(User::BY_NAME).prefix(name.unwrap_or("")), order, first, after),
        (false, Some(country), name) => {
            let found = users.by(User::BY_COUNTRY_NAME).prefix(&(country, name.unwrap_or("")));
            page(&found, order, first, after)
        }
        (true, None, None) => page(&users.by(User::BY_KARMA), order, first, after),
        (true, Some(country), None) => {
            page(&users.by(User::BY_COUNTRY_KARMA).prefix(&(country,)), order, first, after)
        }
        (true, _, Some(_)) => {
            Err(failed(Code::NoIndex, "no index has users by karma whose names begin with a text"))
        }
    }
}

#[ComplexObject]
impl User {
    /// The team, if the user is in one.
    async fn team(&self) -> Option<Team> {
        self.team.and_then(|team| App::with(|app| app.teams.get(&team)))
    }

    /// The posts, the latest first.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn posts(&self, first: Option<u32>, after: Option<String>) -> Result<Rows<Post>> {
        App::with(|app| {
            let written = app.posts.by(Post::BY_AUTHOR).equal(&self.id);
            page(&written, Order::Descending, first, after)
        })
    }
}

#[ComplexObject]
impl Team {
    /// The users in it, in the order of their numbers.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn members(&self, first: Option<u32>, after: Option<String>) -> Result<Rows<User>> {
        App::with(|app| {
            let members = app.users.by(User::BY_TEAM).equal(&Some(self.id));
            page(&members, Order::Ascending, first, after)
        })
    }
}

#[ComplexObject]
impl Post {
    /// The user who wrote it.
    async fn author(&self) -> Option<User> {
        App::with(|app| app.users.get(&self.author))
    }
}
