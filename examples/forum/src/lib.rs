//! A forum, for which every collection has something to do. What is stored is here; what the forum
//! does with it is in `forum`, without a word about canisters; what clients call is in `api`.

mod api;
mod forum;
#[cfg(test)]
mod tests;

use candid::{CandidType, Principal};
use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Reverse, Slab, StableLayout,
};

/// The forum. Which collection is for what is in docs/collections.md.
#[graven::store]
struct Forum {
    /// Who writes here: in the order of their principals, so that they can be listed page by page.
    users: BTreeMap<Principal, User>,
    /// Users by how much they have written: who is the tenth, and which place is somebody's?
    ranking: RankedMap<(Reverse<u64>, Principal), ()>,
    /// How far each one has read. Only ever looked up by its owner, so no order is kept.
    read: HashMap<Principal, u64>,
    /// Tag and number of a post: all posts of a tag stand side by side.
    tags: BTreeSet<(String, u64)>,
    /// Who may not write for now. The question is only whether one is in it.
    banned: HashSet<Principal>,
    /// When bans end, the next one first.
    bans: PriorityQueue<Reverse<(u64, Principal)>>,
    /// Posts by number, in the order in which they were written.
    feed: graven::StableVec<Post>,
    /// The replies of each post. They come and go with it, and no reply is read because of another.
    replies: Nested<u64, graven::StableVec<Reply>>,
    /// Groups by their names, each with its members: what a group is and who is in it are read and
    /// changed alone, and go together.
    groups: Records<String, Group, BTreeSet<Principal>>,
    /// The jobs of bots, first come, first served.
    jobs: Deque<Job>,
    /// The latest events. Each event keeps its number.
    events: Log<Event>,
    /// The metadata of files. The slab gives out the file's number, which no later file gets.
    attachments: Slab<Attachment>,
    /// The bytes of files, uploaded and downloaded in parts.
    files: Blobs<u64>,
    /// One value.
    settings: Cell<Settings>,
}

graven::canister!(Forum, init = api::first_moderator);

/// Somebody who writes.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct User {
    name: String,
    since: u64,
    posts: u64,
}

/// A post. One that was deleted has neither text nor attachments.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Post {
    author: Principal,
    time: u64,
    text: String,
    tags: Vec<String>,
    attachments: Vec<u64>,
}

/// A reply to a post.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Reply {
    author: Principal,
    time: u64,
    text: String,
}

/// Some who have something in common.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Group {
    founder: Principal,
    about: String,
}

/// A job that the forum gives to a bot outside.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Job {
    /// Tell those who want to hear of new posts.
    Announce(u64),
    /// Have a look at a file that was uploaded.
    Scan(u64),
}

/// Something that happened.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Event {
    time: u64,
    what: What,
}

/// The kind of an event.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum What {
    Joined(Principal),
    Posted(u64),
    Deleted(u64),
    Banned(Principal),
    Forgiven(Principal),
}

/// A file of a post.
#[derive(CandidType, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Attachment {
    post: u64,
    name: String,
}

/// The settings that moderators can change.
#[derive(CandidType, serde::Deserialize, Clone, Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Settings {
    moderators: Vec<Principal>,
    /// Characters of a post.
    longest_post: u32,
    /// Bytes of a file.
    largest_file: u64,
    /// Events that are kept.
    events: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { moderators: Vec::new(), longest_post: 10_000, largest_file: 10_000_000, events: 10_000 }
    }
}
