//! Two releases of a store whose tables refer to each other, with indexes of every kind. The second
//! release converts rows of the first one, and adds indexes and references.

use graven::{BTreeMap, StableLayout, Table, Text};
use graven_tests::memory::{Bytes, Limited};

use super::fuse::{Id, tick, ticking};

pub(crate) type Memory = Limited<Bytes>;

pub(crate) mod v1 {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Author")]
    pub(crate) struct Author {
        #[table(key)]
        pub(crate) id: Id,
        #[table(unique(include(name)))]
        pub(crate) email: String,
        pub(crate) name: String,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Post")]
    pub(crate) struct Post {
        #[table(key)]
        pub(crate) id: u64,
        pub(crate) title: String,
        #[table(index(each))]
        pub(crate) tags: Vec<Text<4>>,
        pub(crate) score: u32,
        #[table(references(Author, on_delete = cascade))]
        pub(crate) author: Id,
        pub(crate) reply_to: Option<u64>,
        pub(crate) until: Option<u64>,
        pub(crate) note: Vec<u8>,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Comment")]
    pub(crate) struct Comment {
        #[table(key)]
        pub(crate) id: u64,
        #[table(references(Post, on_delete = cascade))]
        pub(crate) post: u64,
        #[table(index)]
        pub(crate) text: String,
    }

    #[graven::store]
    pub(crate) struct App {
        pub(crate) authors: Table<Author, Memory>,
        pub(crate) posts: Table<Post, Memory>,
        pub(crate) comments: Table<Comment, Memory>,
    }
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 2)]
#[table(index(by = initial -> u8))]
pub(crate) struct Author {
    #[table(key)]
    pub(crate) id: Id,
    #[table(unique(include(name, rank)))]
    pub(crate) email: String,
    pub(crate) name: String,
    #[layout(since = 2, default = ticking(7))]
    pub(crate) rank: u8,
}

fn initial(author: &Author) -> u8 {
    ticking(author.name.bytes().next().unwrap_or(0))
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 2)]
#[table(expires = until)]
#[table(index(title, where = is_public, name = "public"), index(each = words -> String))]
pub(crate) struct Post {
    #[table(key, auto)]
    pub(crate) id: u64,
    #[table(unique(include(tags)))]
    pub(crate) title: String,
    #[table(index(each))]
    pub(crate) tags: Vec<Text<4>>,
    #[layout(was(u32, until = 2, with = |old| ticking(-i64::from(old))))]
    #[table(index(include(until)))]
    pub(crate) score: i64,
    #[table(references(Author, on_delete = cascade))]
    pub(crate) author: Id,
    #[table(references(Post, on_delete = cascade))]
    pub(crate) reply_to: Option<u64>,
    pub(crate) until: Option<u64>,
    pub(crate) note: Vec<u8>,
}

fn is_public(post: &Post) -> bool {
    ticking(post.score % 2 == 0)
}

/// Returns the words of a title, one by one: the iterator is the user's code as well.
fn words(post: &Post) -> impl Iterator<Item = String> {
    tick();
    post.title.split(' ').map(|word| ticking(word.to_owned()))
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 2, previous = v1::Comment)]
pub(crate) struct Comment {
    #[table(key)]
    pub(crate) id: u64,
    #[table(references(Post, on_delete = cascade))]
    pub(crate) post: u64,
    #[table(index)]
    pub(crate) text: String,
    #[table(index)]
    pub(crate) length: u32,
}

impl From<v1::Comment> for Comment {
    fn from(old: v1::Comment) -> Self {
        tick();
        Comment { id: old.id, post: old.post, length: old.text.len() as u32, text: old.text }
    }
}

/// Rows that keep an author from being removed.
#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
pub(crate) struct Badge {
    #[table(key)]
    pub(crate) id: u8,
    #[table(unique, references(Author))]
    pub(crate) holder: Option<Id>,
}

#[graven::store]
pub(crate) struct App {
    pub(crate) authors: Table<Author, Memory>,
    pub(crate) posts: Table<Post, Memory>,
    pub(crate) comments: Table<Comment, Memory>,
    pub(crate) badges: Table<Badge, Memory>,
    /// Entries that take a page each, and one for the pages that are left.
    pub(crate) filler: BTreeMap<u64, Vec<u8>, Memory>,
    pub(crate) rest: BTreeMap<u64, Vec<u8>, Memory>,
}
