//! Operations on the damaged tables.

use graven::{Budget, Error, Result};
use graven_tests::rng::Rng;

use super::super::subject::{each, walk};
use super::store::{App, POSTS, Post, Team, USERS, User, name, post, user};

/// All of them. One whose name ends in `!` may panic with the words of an error: the rows of a
/// table as an iterator of std, and a store that cannot be opened again after a transaction.
pub(super) const OPERATIONS: &[&str] = &[
    "get",
    "insert",
    "insert user",
    "upsert",
    "update",
    "update text",
    "update user",
    "remove",
    "remove user",
    "remove team",
    "remove within",
    "clear",
    "clear teams",
    "expire",
    "keep last",
    "sweep",
    "sweep all",
    "index state",
    "rows",
    "rows back",
    "entries",
    "fields",
    "unique",
    "pages",
    "groups",
    "ends",
    "and",
    "or",
    "explain",
    "join!",
    "with referring",
    "transaction!",
    "verify",
];

/// Does an operation. Rules that are broken, and indexes that are not complete, are no errors here.
pub(super) fn act(app: &mut App, operation: &str, rng: &mut Rng) -> Result<()> {
    match run(app, operation, rng) {
        Err(Error::Violation(_) | Error::IndexIncomplete(_)) => Ok(()),
        done => done,
    }
}

/// Returns what is not the fault of the mutant.
fn allowed<T>(result: Result<T>) -> Result<()> {
    match result {
        Err(Error::Violation(_) | Error::IndexIncomplete(_)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

fn run(app: &mut App, operation: &str, rng: &mut Rng) -> Result<()> {
    let id = rng.below(POSTS + 5);
    match operation {
        "get" => each(12, |_| app.posts.try_get(&rng.below(POSTS)).map(drop)),
        "insert" => each(8, |_| {
            let new = Post { reply_to: None, ..post(0, rng) };
            allowed(app.posts.try_insert(new))
        }),
        "insert user" => each(8, |n| allowed(app.users.try_insert(user(USERS + 5 * n + rng.below(5), rng)))),
        "upsert" => each(8, |_| allowed(app.posts.try_upsert(post(rng.below(POSTS), rng)))),
        "update" => each(8, |_| {
            let new = post(0, rng);
            let change = |row: &mut Post| *row = Post { id: row.id, ..new };
            allowed(app.posts.try_update(&rng.below(POSTS), change))
        }),
        "update text" => each(8, |_| {
            let text = post(0, rng).text;
            allowed(app.posts.try_update(&rng.below(POSTS), |row| row.text = text))
        }),
        "update user" => each(8, |_| {
            let new = user(rng.below(USERS), rng);
            allowed(app.users.try_update(&new.id.clone(), |row| *row = new))
        }),
        "remove" => each(8, |_| allowed(app.posts.try_remove(&rng.below(POSTS)))),
        "remove user" => each(3, |_| allowed(app.users.try_remove(&name(rng.below(USERS))))),
        "remove team" => each(3, |_| allowed(app.teams.try_remove(&(rng.below(5) as u8)))),
        "remove within" => {
            let user = name(rng.below(USERS));
            app.users.try_remove_within(&user, &mut Budget::pages(20)).map(drop)
        }
        "clear" => app.posts.try_clear(),
        "clear teams" => app.teams.try_clear(),
        "expire" => app.posts.try_expire(rng.below(100), &mut Budget::entries(20)).map(drop),
        "keep last" => app.posts.try_keep_last(POSTS - 20, &mut Budget::entries(20)).map(drop),
        "sweep" => app.sweep(&mut Budget::pages(4)).map(drop),
        "sweep all" => app.sweep(&mut Budget::pages(u64::MAX)).map(drop),
        "index state" => {
            app.users.try_index_state(User::BY_EMAIL)?;
            app.posts.try_index_state(Post::BY_SLUG)?;
            app.posts.try_index_state(Post::BY_AUTHOR)?;
            app.posts.try_index_state(Post::BY_WORDS).map(drop)
        }
        "transaction!" => {
            let end = app.transact(|app| {
                let result = run(app, OPERATIONS[1 + rng.below(15) as usize], rng);
                if rng.once_in(2) { Err(result) } else { Ok(result) }
            });
            end.unwrap_or_else(|result| result)
        }
        "verify" => {
            app.teams.verify()?;
            app.users.verify()?;
            app.posts.verify()
        }
        _ => ask(app, operation, id, rng),
    }
}

/// Asks a question.
fn ask(app: &App, operation: &str, id: u64, rng: &mut Rng) -> Result<()> {
    let country = rng.below(4) as u8;
    match operation {
        "rows" => {
            let mut rows = app.posts.try_by(Post::BY_COUNTRY_KARMA)?.prefix(&(country,)).rows();
            walk(|| rows.try_next())
        }
        "rows back" => {
            let mut rows = app.posts.try_by(Post::BY_TAGS)?.rows();
            walk(|| rows.try_next_back())
        }
        "entries" => {
            let mut entries = app.posts.try_by(Post::BY_TAGS)?.prefix("a").entries();
            walk(|| entries.try_next())?;
            let mut keys = app.posts.try_by(Post::BY_AUTHOR)?.keys();
            walk(|| keys.try_next_back())
        }
        "fields" => {
            let mut fields = app.posts.try_by(Post::BY_UNTIL)?.range(Some(0)..).fields(Post::SLUG);
            walk(|| fields.try_next())
        }
        "unique" => {
            let slugs = app.posts.try_by(Post::BY_SLUG)?;
            let slug = app.posts.try_get_field(&id, Post::SLUG)?.unwrap_or(rng.any());
            slugs.try_get(&slug)?;
            app.users.try_by(User::BY_EMAIL)?.try_get("nobody").map(drop)
        }
        "pages" => {
            let (query, mut cursor) = (app.posts.try_by(Post::BY_COUNTRY_KARMA)?, None);
            // Pages of a damaged index may follow each other for ever.
            for _ in 0..20 {
                cursor = query.page(cursor.as_ref(), 10)?.next;
                if cursor.is_none() {
                    break;
                }
            }
            Ok(())
        }
        "groups" => {
            let mut groups = app.posts.try_by(Post::BY_TAGS)?.groups();
            walk(|| groups.try_next())
        }
        "ends" => {
            let query = app.posts.try_by(Post::BY_COUNTRY_KARMA)?.prefix(&(country,));
            query.try_min()?;
            query.try_max()?;
            query.try_count().map(drop)
        }
        "and" => {
            let tag = app.posts.try_by(Post::BY_TAGS)?.equal("a");
            let author = app.posts.try_by(Post::BY_AUTHOR)?.equal(&name(rng.below(USERS)));
            let karma = app.posts.try_by(Post::BY_COUNTRY_KARMA)?.prefix(&(country,));
            let mut rows = author.and(tag).and(karma).rows();
            walk(|| rows.try_next())
        }
        "or" => {
            let tag = app.posts.try_by(Post::BY_TAGS)?.equal("ab");
            let karma = app.posts.try_by(Post::BY_COUNTRY_KARMA)?.range((country, 0)..);
            let mut keys = tag.or(karma).after(&id).keys();
            walk(|| keys.try_next())
        }
        "explain" => {
            let tag = app.posts.try_by(Post::BY_TAGS)?.equal("ab");
            tag.and(app.posts.try_by(Post::BY_UNTIL)?.range(..Some(50))).explain().map(drop)
        }
        "join!" => {
            let users = app.users.iter().map(|(_, user)| user);
            let mut joined = app.teams.join(User::TO_TEAM, users.take(10));
            walk(|| joined.try_next())
        }
        "with referring" => {
            let mut all = app.users.try_with_referring(Post::TO_AUTHOR, &app.posts)?;
            walk(|| all.try_next())?;
            let team: Option<Team> = app.teams.try_get(&country)?;
            assert!(team.is_none_or(|team| team.name.len() < 1 << 20));
            Ok(())
        }
        _ => unreachable!("{operation}"),
    }
}
