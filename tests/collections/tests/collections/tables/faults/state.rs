//! States of the store that operations begin in: rows of both releases, indexes that are complete,
//! incomplete or blocked, and a memory without a free page.

use graven::table::IndexState;
use graven::{Budget, Options, Schema, Text};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::rng::Rng;

use super::fuse::Id;
use super::store::{App, Author, Badge, Comment, Memory, Post, v1};

/// Free pages that an operation may be given.
pub(crate) const MAX_FREE: u64 = 24;

/// A store that fills its memory.
pub(crate) struct Prepared {
    image: Vec<u8>,
    /// The entries that can be removed, so that each leaves a free page.
    fillers: u64,
    pub(crate) rows: Rows,
}

/// All that a store holds, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    pub(crate) authors: Vec<Author>,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) badges: Vec<Badge>,
}

impl Rows {
    pub(crate) fn of(app: &App) -> Rows {
        Rows {
            authors: app.authors.iter().map(|(_, row)| row).collect(),
            posts: app.posts.iter().map(|(_, row)| row).collect(),
            comments: app.comments.iter().map(|(_, row)| row).collect(),
            badges: app.badges.iter().map(|(_, row)| row).collect(),
        }
    }

    /// Returns `true` if the other rows are some of these.
    pub(crate) fn has_all_of(&self, other: &Rows) -> bool {
        fn has<T: PartialEq>(all: &[T], some: &[T]) -> bool {
            let mut all = all.iter();
            some.iter().all(|row| all.any(|other| other == row))
        }
        has(&self.authors, &other.authors)
            && has(&self.posts, &other.posts)
            && has(&self.comments, &other.comments)
            && has(&self.badges, &other.badges)
    }
}

/// Checks that all indexes of all tables agree with their rows.
pub(crate) fn verify(app: &App) {
    app.authors.verify().unwrap();
    app.posts.verify().unwrap();
    app.comments.verify().unwrap();
    app.badges.verify().unwrap();
}

/// Returns bytes, some of which need overflow pages.
pub(crate) fn note(rng: &mut Rng) -> Vec<u8> {
    let len = match rng.below(8) {
        0 => 3_000 + rng.below(9_000),
        1 | 2 => 400 + rng.below(900),
        _ => rng.below(40),
    };
    vec![rng.below(256) as u8; len as usize]
}

/// Returns a title of some words, which is long now and then so that few entries fit into a leaf.
pub(crate) fn title(number: u64, rng: &mut Rng) -> String {
    let long = "x".repeat(if rng.once_in(4) { 200 + rng.below(500) as usize } else { rng.below(9) as usize });
    format!("{} {} {long} {number}", ["a", "b", "ab"][rng.below(3) as usize], rng.below(6))
}

pub(crate) fn tags(rng: &mut Rng) -> Vec<Text<4>> {
    (0..rng.below(5))
        .map(|_| Text::new(["a", "ab", "abc", "b", "bc"][rng.below(5) as usize]).unwrap())
        .collect()
}

pub(crate) fn author(id: u32, rng: &mut Rng) -> Author {
    let email = format!("{id}@{}", "e".repeat(rng.below(300) as usize));
    Author { id: Id(id), email, name: title(id.into(), rng), rank: rng.below(4) as u8 }
}

pub(crate) fn post(id: u64, rows: &Rows, rng: &mut Rng) -> Post {
    let author = some(&rows.authors, rng).map_or(Id(0), |author| author.id);
    let reply_to = some(&rows.posts, rng).map(|post| post.id).filter(|_| rng.once_in(2));
    let (score, until) = (rng.below(30) as i64 - 15, Some(rng.below(100)).filter(|_| !rng.once_in(4)));
    Post { id, title: title(id, rng), tags: tags(rng), score, author, reply_to, until, note: note(rng) }
}

pub(crate) fn comment(id: u64, rows: &Rows, rng: &mut Rng) -> Comment {
    let post = some(&rows.posts, rng).map_or(0, |post| post.id);
    let text = title(id, rng);
    Comment { id, post, length: text.len() as u32, text }
}

pub(crate) fn some<'a, T>(all: &'a [T], rng: &mut Rng) -> Option<&'a T> {
    all.get(rng.below(all.len().max(1) as u64) as usize)
}

/// Fills the first release with rows. Titles are the same here and there.
fn fill_old(memory: Memory, rng: &mut Rng) {
    let mut app = v1::App::open_with(memory, Options::default()).unwrap();
    let authors = 1 + rng.below(12) as u32;
    for id in 0..authors {
        let Author { id, email, name, .. } = author(id, rng);
        app.authors.insert(v1::Author { id, email, name }).unwrap();
    }
    let (posts, has_twins) = (rng.below(50), rng.once_in(3));
    for id in 0..posts {
        let author = Id(rng.below(u64::from(authors)) as u32);
        let title = title(if has_twins { id / 2 } else { id }, rng);
        let reply_to = Some(rng.below(id + 1)).filter(|_| rng.once_in(2));
        let until = Some(rng.below(100)).filter(|_| !rng.once_in(4));
        let score = rng.below(30) as u32;
        let row = v1::Post { id, title, tags: tags(rng), score, author, reply_to, until, note: note(rng) };
        app.posts.insert(row).unwrap();
    }
    for id in 0..if posts == 0 { 0 } else { rng.below(60) } {
        app.comments.insert(v1::Comment { id, post: rng.below(posts), text: title(id, rng) }).unwrap();
    }
}

/// Adds rows of the second release.
fn fill_new(app: &mut App, rng: &mut Rng) {
    for id in 100..101 + rng.below(9) as u32 {
        let _ = app.authors.insert(author(id, rng));
    }
    let mut rows = Rows::of(app);
    for id in 0..rng.below(40) {
        let post = Post { title: format!("new {id}"), ..post(0, &rows, rng) };
        let _ = app.posts.insert(post);
    }
    rows = Rows::of(app);
    for id in 200..200 + rng.below(40) {
        let _ = app.comments.insert(comment(id, &rows, rng));
    }
    for id in 0..rng.below(5) as u8 {
        let holder = some(&rows.authors, rng).map(|author| author.id);
        let _ = app.badges.insert(Badge { id, holder });
    }
}

impl Prepared {
    /// Makes the state of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let (bytes, rng) = (Bytes::default(), &mut Rng::new(seed));
        let memory = Memory::new(bytes.clone(), u64::MAX);
        if !seed.is_multiple_of(5) {
            fill_old(memory.clone(), rng);
        }
        let mut app = App::open_with(memory.clone(), Options::default()).unwrap();
        let pages = match seed % 4 {
            0 | 1 => u64::MAX,
            2 => 1 + rng.below(12),
            _ => 0,
        };
        for _ in 0..pages.min(200) {
            if app.sweep(&mut Budget::pages(1 + rng.below(3))).unwrap().is_finished() {
                break;
            }
        }
        if !seed.is_multiple_of(3) {
            fill_new(&mut app, rng);
        }
        memory.allow(3);
        let fillers = (0..).find(|key| app.filler.try_insert(*key, vec![1; 3_000]).is_err()).unwrap();
        assert!(fillers >= MAX_FREE + 8, "{fillers} entries fill the memory");
        memory.allow(0);
        while app.rest.try_insert(app.rest.len(), vec![2; 3_000]).is_ok() {}
        let rows = Rows::of(&app);
        verify(&app);
        drop(app);
        Prepared { image: image(&bytes), fillers, rows }
    }

    /// Opens a copy of the store with this number of free pages, and a few more if leaves become
    /// empty.
    pub(crate) fn open(&self, free: u64) -> (Memory, App) {
        let memory = Memory::new(memory_of(&self.image), u64::MAX);
        let mut app = App::open_with(memory.clone(), Options::default()).unwrap();
        (0..free).for_each(|number| _ = app.filler.remove(&(self.fillers - 1 - number)));
        memory.allow(0);
        (memory, app)
    }
}

/// Returns how far indexes are.
pub(crate) fn index_states(app: &App) -> [IndexState; 10] {
    [
        app.authors.index_state(Author::BY_EMAIL),
        app.authors.index_state(Author::BY_INITIAL),
        app.posts.index_state(Post::BY_TITLE),
        app.posts.index_state(Post::BY_TAGS),
        app.posts.index_state(Post::BY_SCORE),
        app.posts.index_state(Post::BY_PUBLIC),
        app.posts.index_state(Post::BY_WORDS),
        app.posts.index_state(Post::BY_UNTIL),
        app.comments.index_state(Comment::BY_LENGTH),
        app.badges.index_state(Badge::BY_HOLDER),
    ]
}
