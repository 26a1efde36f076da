//! Changes. Each is a transaction: an error undoes all that it wrote. A document with several of
//! them is several transactions, one after the other.

use async_graphql::{InputObject, Object, Result};
use ic_cdk::api::time;

use crate::App;
use crate::failure::{Code, failed, missing, violated};
use crate::guard::cost;
use crate::rows::{Post, Team, User};

/// Members that move in one message at most.
const MAX_MOVED: usize = 1_000;

/// The changes.
pub struct Mutation;

/// A user to be.
#[derive(InputObject)]
pub struct NewUser {
    #[graphql(validator(chars_min_length = 1, chars_max_length = 100))]
    name: String,
    #[graphql(validator(chars_min_length = 3, chars_max_length = 200))]
    email: String,
    #[graphql(validator(chars_min_length = 2, chars_max_length = 2))]
    country: String,
    #[graphql(default)]
    karma: i64,
    team: Option<u64>,
}

/// Changes of a user: fields that are left out stay as they are.
#[derive(InputObject)]
pub struct UserChange {
    #[graphql(validator(chars_min_length = 1, chars_max_length = 100))]
    name: Option<String>,
    #[graphql(validator(chars_min_length = 3, chars_max_length = 200))]
    email: Option<String>,
    #[graphql(validator(chars_min_length = 2, chars_max_length = 2))]
    country: Option<String>,
    karma: Option<i64>,
}

/// A post to be.
#[derive(InputObject)]
pub struct NewPost {
    author: u64,
    #[graphql(validator(chars_min_length = 1, chars_max_length = 200))]
    title: String,
    #[graphql(validator(chars_max_length = 10_000))]
    body: String,
    #[graphql(default, validator(max_items = 20, list, chars_max_length = 50))]
    tags: Vec<String>,
}

impl UserChange {
    fn apply(self, user: &mut User) {
        user.name = self.name.unwrap_or_else(|| user.name.clone());
        user.email = self.email.unwrap_or_else(|| user.email.clone());
        user.country = self.country.unwrap_or_else(|| user.country.clone());
        user.karma = self.karma.unwrap_or(user.karma);
    }
}

#[Object]
impl Mutation {
    /// Creates a user. Nobody else may have the email address.
    async fn create_user(&self, input: NewUser) -> Result<User> {
        let NewUser { name, email, country, karma, team } = input;
        App::transaction(|app| {
            let user = User { id: 0, name, email, country, karma, team };
            let id = app.users.insert(user.clone()).map_err(violated)?;
            Ok(User { id, ..user })
        })
    }

    /// Changes some fields of a user.
    async fn update_user(&self, id: u64, input: UserChange) -> Result<User> {
        App::transaction(|app| {
            let changed = app.users.update(&id, |user| {
                input.apply(user);
                user.clone()
            });
            changed.map_err(violated)?.ok_or_else(|| missing("user", id))
        })
    }

    /// Removes a user with all posts. Returns `false` if there is no such user.
    async fn delete_user(&self, id: u64) -> Result<bool> {
        App::transaction(|app| {
            let removed = app.users.remove(&id).map_err(violated)?;
            Ok(removed.is_some())
        })
    }

    /// Creates a post.
    async fn create_post(&self, input: NewPost) -> Result<Post> {
        let NewPost { author, title, body, tags } = input;
        App::transaction(|app| {
            let post = Post { id: 0, author, title, body, tags, at: time() / 1_000_000 };
            let id = app.posts.insert(post.clone()).map_err(violated)?;
            Ok(Post { id, ..post })
        })
    }

    /// Creates a team. No other one may have the name.
    async fn create_team(
        &self,
        #[graphql(validator(chars_min_length = 1, chars_max_length = 100))] name: String,
    ) -> Result<Team> {
        App::transaction(|app| {
            let team = Team { id: 0, name };
            let id = app.teams.insert(team.clone()).map_err(violated)?;
            Ok(Team { id, ..team })
        })
    }

    /// Moves users into a team, or out of theirs: all of them or none.
    #[graphql(complexity = "cost(Some(users.len() as u32), child_complexity)")]
    async fn move_team(
        &self,
        #[graphql(validator(max_items = 100))] users: Vec<u64>,
        team: Option<u64>,
    ) -> Result<Vec<User>> {
        App::transaction(|app| users.into_iter().map(|user| app.move_user(user, team)).collect())
    }

    /// Removes a team, whose members first move to another one if that is given. A team with
    /// members stays. Returns `false` if there is no such team.
    async fn delete_team(&self, id: u64, move_to: Option<u64>) -> Result<bool> {
        App::transaction(|app| {
            if move_to.is_some() {
                let members = app.users.by(User::BY_TEAM).equal(&Some(id));
                let members: Vec<u64> = members.keys().take(MAX_MOVED + 1).collect();
                if members.len() > MAX_MOVED {
                    let message = format!("team {id} has more than {MAX_MOVED} members: move some first");
                    return Err(failed(Code::TooManyRows, message));
                }
                for member in members {
                    app.move_user(member, move_to)?;
                }
            }
            let removed = app.teams.remove(&id).map_err(violated)?;
            Ok(removed.is_some())
        })
    }
}

impl App {
    fn move_user(&mut self, id: u64, team: Option<u64>) -> Result<User> {
        let moved = self.users.update(&id, |user| {
            user.team = team;
            user.clone()
        });
        moved.map_err(violated)?.ok_or_else(|| missing("user", id))
    }
}
