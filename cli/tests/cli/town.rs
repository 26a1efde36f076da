//! A store with a collection of each kind, large enough for inner nodes, branches and overflow
//! pages.

use std::cmp::Reverse;

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, DefaultMemoryImpl, Deque, HashMap, HashSet, Log, Nested, PriorityQueue,
    RankedMap, Records, Slab, StableLayout, StableVec, Table,
};

/// A user, in the version that the store began with.
pub mod first {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub name: String,
        pub age: u8,
    }

    #[graven::store]
    pub struct Town {
        pub users: BTreeMap<u64, User>,
    }
}

#[derive(StableLayout)]
#[layout(version = 2)]
pub struct User {
    pub name: String,
    pub age: u8,
    #[layout(since = 2, default = 10)]
    pub karma: u64,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(city, age))]
pub struct Person {
    #[table(key)]
    pub id: u32,
    #[table(unique)]
    pub email: String,
    pub city: String,
    pub age: u8,
    #[table(index)]
    pub tags: u16,
}

#[graven::store]
pub struct Town {
    pub users: BTreeMap<u64, User>,
    pub limit: Cell<String>,
    pub names: BTreeSet<String>,
    pub ages: HashMap<u64, u64>,
    pub words: HashMap<String, String>,
    pub seen: HashSet<u32>,
    pub numbers: StableVec<u64>,
    pub lines: Deque<String>,
    pub events: Log<(u64, String)>,
    pub jobs: PriorityQueue<Reverse<(u64, String)>>,
    pub tickets: Slab<String>,
    pub files: Blobs<String>,
    pub scores: RankedMap<(u32, String), u16>,
    pub posts: Nested<(String, u16), BTreeMap<u32, String>>,
    pub walls: Records<u64, User, Deque<String>>,
    pub people: Table<Person>,
}

/// Returns the memory of a town. A part of the users are in the first version.
pub fn memory() -> Vec<u8> {
    let memory = DefaultMemoryImpl::default();
    let mut town = first::Town::open(memory.clone()).unwrap();
    for id in 0..900 {
        town.users.insert(id, first::User { name: format!("user {id}"), age: (id % 90) as u8 });
    }
    drop(town);
    let mut town = Town::open(memory.clone()).unwrap();
    fill(&mut town);
    drop(town);
    memory.borrow().clone()
}

fn fill(town: &mut Town) {
    for id in 850..950 {
        let name = if id == 900 { "n".repeat(5_000) } else { format!("user {id}") };
        town.users.insert(id, User { name, age: 30, karma: id });
    }
    town.limit.set("the limit".repeat(800));
    for number in 0..1_500_u32 {
        town.names.insert(format!("name {number:05}"));
        town.ages.insert(number.into(), u64::from(number) * 7);
        town.seen.insert(number * 3);
        town.numbers.push(u64::from(number) << 8 | 1);
        town.scores.insert((number % 100, format!("player {number}")), number as u16);
    }
    for number in 0..300_u64 {
        town.words.insert(format!("word {number}"), "w".repeat(number as usize % 50));
        town.lines.push_back(format!("line {number}"));
        town.events.append((number, format!("event {number}")));
        town.jobs.push(Reverse((number * 37 % 300, format!("job {number}"))));
        town.tickets.insert(format!("ticket {number}"));
    }
    town.lines.pop_front();
    town.events.drop_before(10);
    for (name, len) in [("small", 100), ("page", 4_000), ("large", 30_000)] {
        town.files.put(&name.to_owned(), &vec![7; len]);
    }
    for user in ["ada", "bob", "cyd"] {
        let mut posts = town.posts.or_create(&(user.to_owned(), 1));
        for number in 0..200 {
            posts.insert(number, format!("{user} wrote {number}"));
        }
    }
    for id in 0..40 {
        town.walls.insert(id, User { name: format!("wall {id}"), age: 1, karma: id });
        let mut items = town.walls.items_mut(&id).unwrap();
        for number in 0..12 {
            items.push_back(format!("item {number} of {id}"));
        }
    }
    for id in 0..700_u32 {
        let (email, city) =
            (format!("{id}@example.com"), ["Bern", "Genf", "Zug"][id as usize % 3].to_owned());
        town.people.insert(Person { id, email, city, age: (id % 80) as u8, tags: (id % 7) as u16 }).unwrap();
    }
    // Free pages, and a detached tree.
    for number in 0..200_u32 {
        town.names.remove(&format!("name {number:05}"));
    }
    town.seen.clear();
    for number in 0..400_u32 {
        town.seen.insert(number);
    }
}
