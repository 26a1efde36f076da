//! The store whose tables are damaged: three that refer to each other, with rows of two releases
//! and an index that is not complete, a table beside them, and two maps.

use graven::table::IndexState;
use graven::{BTreeMap, Budget, Options, Result, Schema, StableLayout, Table, Text};
use graven_tests::memory::{Bytes, Metered, image};
use graven_tests::ownership::Ownership;
use graven_tests::rng::Rng;

use super::super::subject::Contents;

/// Keys of posts are below this number.
pub(super) const POSTS: u64 = 140;

/// Keys of users are below this number.
pub(super) const USERS: u64 = 24;

/// The tables that mutants damage: a change of one of them may reach the others.
pub(super) const DAMAGED: [&str; 3] = ["teams", "users", "posts"];

#[derive(Debug, Clone, StableLayout, Table)]
#[layout(version = 1)]
pub(super) struct Team {
    #[table(key)]
    pub(super) id: u8,
    pub(super) name: String,
}

#[derive(Debug, Clone, StableLayout, Table)]
#[layout(version = 1)]
pub(super) struct User {
    #[table(key)]
    pub(super) id: Text<8>,
    #[table(unique)]
    pub(super) email: String,
    #[table(references(Team))]
    pub(super) team: Option<u8>,
}

#[derive(Debug, Clone, StableLayout, Table)]
#[layout(version = 2)]
#[table(index(country, karma), index(each = words -> String), expires = until)]
pub(super) struct Post {
    #[table(key, auto)]
    pub(super) id: u64,
    #[table(references(User, on_delete = cascade))]
    pub(super) author: Text<8>,
    #[table(references(Post, on_delete = cascade))]
    pub(super) reply_to: Option<u64>,
    #[table(unique)]
    pub(super) slug: u64,
    pub(super) country: u8,
    pub(super) karma: i16,
    #[table(index(each))]
    pub(super) tags: Vec<Text<4>>,
    pub(super) until: Option<u64>,
    pub(super) text: String,
    #[layout(since = 2)]
    pub(super) likes: u32,
}

fn words(post: &Post) -> Vec<String> {
    post.text.split(' ').take(4).map(|word| word.chars().take(40).collect()).collect()
}

#[derive(Debug, Clone, StableLayout, Table)]
#[layout(version = 1)]
pub(super) struct Note {
    #[table(key)]
    id: u64,
    #[table(unique)]
    name: String,
    #[table(index)]
    text: String,
}

/// Posts before they had an index of words.
mod before {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Post")]
    #[table(index(country, karma), expires = until)]
    pub(super) struct Post {
        #[table(key, auto)]
        pub(super) id: u64,
        #[table(references(User, on_delete = cascade))]
        pub(super) author: Text<8>,
        #[table(references(Post, on_delete = cascade))]
        pub(super) reply_to: Option<u64>,
        #[table(unique)]
        pub(super) slug: u64,
        pub(super) country: u8,
        pub(super) karma: i16,
        #[table(index(each))]
        pub(super) tags: Vec<Text<4>>,
        pub(super) until: Option<u64>,
        pub(super) text: String,
    }

    #[graven::store]
    pub(super) struct App {
        pub(super) before: BTreeMap<u64, Vec<u8>, Metered>,
        pub(super) teams: Table<Team, Metered>,
        pub(super) users: Table<User, Metered>,
        pub(super) posts: Table<Post, Metered>,
        pub(super) notes: Table<Note, Metered>,
        pub(super) neighbour: BTreeMap<u64, Vec<u8>, Metered>,
    }
}

#[graven::store]
pub(super) struct App {
    pub(super) before: BTreeMap<u64, Vec<u8>, Metered>,
    pub(super) teams: Table<Team, Metered>,
    pub(super) users: Table<User, Metered>,
    pub(super) posts: Table<Post, Metered>,
    pub(super) notes: Table<Note, Metered>,
    pub(super) neighbour: BTreeMap<u64, Vec<u8>, Metered>,
}

/// The store without the tables that were damaged.
#[graven::store]
#[store(dropped("teams", "users", "posts"))]
pub(super) struct Rest {
    pub(super) before: BTreeMap<u64, Vec<u8>, Metered>,
    pub(super) notes: Table<Note, Metered>,
    pub(super) neighbour: BTreeMap<u64, Vec<u8>, Metered>,
}

pub(super) fn name(number: u64) -> Text<8> {
    Text::new(format!("user{number}")).unwrap()
}

pub(super) fn user(number: u64, rng: &mut Rng) -> User {
    let email = format!("{number}@{}", "e".repeat(rng.below(120) as usize));
    User { id: name(number), email, team: Some(rng.below(5) as u8).filter(|_| !rng.once_in(4)) }
}

pub(super) fn post(id: u64, rng: &mut Rng) -> Post {
    let len = if rng.once_in(9) { 1_000 + rng.below(4_000) } else { 1 + rng.below(40) };
    let tag = |rng: &mut Rng| Text::new(["a", "ab", "abc", "b"][rng.below(4) as usize]).unwrap();
    Post {
        id,
        author: name(rng.below(USERS)),
        reply_to: Some(rng.below(POSTS)).filter(|_| rng.once_in(3)),
        slug: rng.any(),
        country: rng.below(4) as u8,
        karma: rng.below(50) as i16 - 25,
        tags: (0..rng.below(4)).map(|_| tag(rng)).collect(),
        until: Some(rng.below(100)).filter(|_| rng.once_in(2)),
        text: "word of text ".repeat(len.div_ceil(9) as usize),
        likes: 3,
    }
}

fn bytes(rng: &mut Rng) -> Vec<u8> {
    let len = if rng.once_in(3) { 2_500 + rng.below(7_000) } else { rng.below(90) };
    rng.bytes(len as usize)
}

/// A sound image of the store.
pub(super) struct Stored {
    pub(super) image: Vec<u8>,
    pub(super) pages: Ownership,
    /// A hash of the contents of what no mutant touches.
    pub(super) others: u64,
}

impl Stored {
    pub(super) fn new() -> Self {
        let (bytes_of, rng) = (Bytes::default(), &mut Rng::new(5));
        let memory = || Metered::new(bytes_of.clone(), u64::MAX);
        let mut app = before::App::open_with(memory(), Options::default()).unwrap();
        (0..5).for_each(|id| _ = app.teams.insert(Team { id, name: format!("team {id}") }).unwrap());
        (0..USERS).for_each(|number| _ = app.users.insert(user(number, rng)).unwrap());
        for id in 0..POSTS {
            let post = post(id, rng);
            let Post { author, slug, country, karma, tags, until, text, .. } = post;
            let reply_to = post.reply_to.filter(|to| *to < id && *to % 10 != 3);
            let row = before::Post { id, author, reply_to, slug, country, karma, tags, until, text };
            app.posts.insert(row).unwrap();
            // Pages of all collections lie between each other.
            app.before.insert(id % 50, bytes(rng));
            app.neighbour.insert(id % 50, bytes(rng));
            let text = format!("{} {}", id % 7, "t".repeat(rng.below(60) as usize));
            app.notes.insert(Note { id, name: format!("note {id}"), text }).unwrap();
            if id % 10 == 9 {
                app.posts.remove(&(id - 6)).unwrap();
                app.before.remove(&(id % 50));
            }
        }
        drop(app);
        let mut app = App::open_with(memory(), Options::default()).unwrap();
        while app.posts.index_state(Post::BY_WORDS)
            == (IndexState::Incomplete { done: 0, rows: app.posts.len() })
        {
            let _ = app.sweep(&mut Budget::pages(1)).unwrap();
        }
        for id in 0..9 {
            let likes = app.posts.update(&(id * 14), |post| post.likes += 1);
            likes.unwrap();
        }
        let IndexState::Incomplete { done, .. } = app.posts.index_state(Post::BY_WORDS) else {
            panic!("the index of words is complete")
        };
        assert!(done > 0);
        // A detached tree of each kind of owner.
        app.before.clear();
        (0..50).for_each(|key| _ = app.before.insert(key, bytes(rng)));
        let others = others(&app.before, &app.notes, &app.neighbour).unwrap();
        app.posts.verify().unwrap();
        drop(app);
        let image = image(&bytes_of);
        Stored { pages: Ownership::of(&image), image, others }
    }
}

/// Checks collections. Returns all that they hold, as one number.
pub(super) fn others(
    before: &BTreeMap<u64, Vec<u8>, Metered>,
    notes: &Table<Note, Metered>,
    neighbour: &BTreeMap<u64, Vec<u8>, Metered>,
) -> Result<u64> {
    let mut contents = Contents::default();
    notes.verify()?;
    let mut rows = notes.iter();
    while let Some((_, note)) = rows.try_next()? {
        contents.value(&note);
    }
    for map in [before, neighbour] {
        map.verify()?;
        let mut entries = map.iter();
        while let Some((key, value)) = entries.try_next()? {
            contents.key(&key);
            contents.value(&value);
        }
    }
    Ok(contents.finish())
}
