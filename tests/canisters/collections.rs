// What both versions of the collections canister do; each has its own `Point` and `Note`.

use graven::{
    BTreeMap, BTreeSet, Blobs, Budget, Cell, Collection, Deque, HashMap, HashSet, Log, Nested, PriorityQueue,
    RankedMap, Records, Reverse, Slab,
};

#[graven::store]
struct Everything {
    cell: Cell<Note>,
    map: BTreeMap<u64, Note>,
    points: graven::StableVec<Point>,
    notes: graven::StableVec<Note>,
    queue: Deque<Note>,
    window: Deque<Point>,
    events: Log<Point>,
    letters: Log<Note>,
    due: PriorityQueue<Reverse<u64>>,
    tickets: Slab<Note>,
    files: Blobs<String>,
    numbers: graven::StableVec<u64>,
    set: BTreeSet<String>,
    hashed: HashMap<u64, Note>,
    spots: HashMap<String, Point>,
    seen: HashSet<u64>,
    table: HashMap<u64, u64>,
    posts: Nested<u64, graven::StableVec<Note>>,
    feeds: Nested<String, Deque<Point>>,
    places: Nested<u64, BTreeMap<u64, Point>>,
    tags: Nested<String, BTreeSet<u64>>,
    ranked: RankedMap<u64, Note>,
    users: Records<u64, Note, graven::StableVec<Point>>,
    games: Records<String, Point, Deque<Note>>,
    shops: Records<u64, Note, BTreeMap<u64, Note>>,
    clubs: Records<String, Point, BTreeSet<u64>>,
}

graven::canister!(Everything);

/// Adds entries with these numbers to every collection.
#[ic_cdk::update]
fn fill(from: u64, to: u64) {
    Everything::with_mut(|all| {
        for n in from..to {
            all.map.insert(n, Note::of(n));
            all.points.push(Point::of(n));
            all.notes.push(Note::of(n));
            all.queue.push_back(Note::of(n));
            all.window.push_front(Point::of(n));
            all.events.append(Point::of(n));
            all.letters.append(Note::of(n));
            all.due.push(Reverse(n ^ 0x5555));
            all.tickets.insert(Note::of(n));
            all.set.insert(n.to_string());
            all.hashed.insert(n, Note::of(n));
            all.spots.insert(n.to_string(), Point::of(n));
            all.seen.insert(n);
            all.files.append(&format!("{}", n % 3), &n.to_le_bytes());
            all.posts.or_create(&(n % 10)).push(Note::of(n));
            all.feeds.or_create(&format!("{}", n % 10)).push_front(Point::of(n));
            all.places.or_create(&(n % 10)).insert(n, Point::of(n));
            all.tags.or_create(&format!("{}", n % 10)).insert(n);
            all.ranked.insert(n * 3, Note::of(n));
            fill_records(all, n);
        }
        all.cell.set(Note::of(to));
    });
}

/// Every number is an item; those below 10 are records as well, and every thousandth is one in the
/// place of a first one.
fn fill_records(all: &mut Everything, n: u64) {
    let (key, name) = (n % 10, (n % 10).to_string());
    if n < 10 || n % 1_000 < 2 {
        all.users.insert(key, Note::of(n));
        all.games.insert(name.clone(), Point::of(n));
        all.shops.insert(key, Note::of(n));
        all.clubs.insert(name.clone(), Point::of(n));
    }
    all.users.items_mut(&key).unwrap().push(Point::of(n));
    all.games.items_mut(&name).unwrap().push_front(Note::of(n));
    all.shops.items_mut(&key).unwrap().insert(n, Note::of(n));
    all.clubs.items_mut(&name).unwrap().insert(n);
}

/// Checks that the first `old` of `all` entries are those of an older version, the others of this
/// one.
#[ic_cdk::query]
fn check(old: u64, len: u64) {
    let point = |n| if n < old { Point::old(n) } else { Point::of(n) };
    let note = |n| if n < old { Note::old(n) } else { Note::of(n) };
    Everything::with(|all| {
        assert!(all.map.values().eq((0..len).map(note)), "map");
        assert!(all.points.iter().eq((0..len).map(point)), "points");
        assert!(all.notes.iter().eq((0..len).map(note)), "notes");
        assert!(all.queue.iter().eq((0..len).map(note)), "queue");
        assert!(all.window.iter().eq((0..len).rev().map(point)), "window");
        assert!(all.events.iter().eq((0..len).map(point)), "events");
        assert!(all.letters.iter().eq((0..len).map(note)), "letters");
        assert_eq!(all.due.peek(), (0..len).map(|n| Reverse(n ^ 0x5555)).max(), "due");
        assert!(all.tickets.iter().eq((0..len).map(|n| (n, note(n)))), "tickets");
        for name in 0..3 {
            let bytes: Vec<u8> = (0..len).filter(|n| n % 3 == name).flat_map(u64::to_le_bytes).collect();
            assert!(all.files.get(&name.to_string()) == Some(bytes), "files");
        }
        assert_eq!((all.set.len(), all.hashed.len(), all.spots.len(), all.seen.len()), (len, len, len, len));
        assert_eq!(all.hashed.iter().map(|(n, found)| u64::from(found == note(n))).sum::<u64>(), len, "hashed");
        for n in (0..len).step_by(7) {
            assert!(all.set.contains(&n.to_string()) && all.seen.contains(&n));
            assert_eq!(all.spots.get(&n.to_string()), Some(point(n)));
            assert_eq!(all.points.get(n), Some(point(n)));
            assert_eq!(all.letters.get(n), Some(note(n)));
            assert_eq!(all.tickets.get(n), Some(note(n)));
        }
        assert!(all.ranked.iter().eq((0..len).map(|n| (n * 3, note(n)))), "ranked");
        assert_eq!(all.ranked.nth(len - 1), Some((3 * len - 3, note(len - 1))), "ranked");
        assert_eq!(all.ranked.position(&30), Some(10), "ranked");
        all.ranked.verify().unwrap();
        check_nested(all, len, point, note);
        check_records(all, len, point, note);
        verify(all);
    });
}

fn check_nested(all: &Everything, len: u64, point: impl Fn(u64) -> Point, note: impl Fn(u64) -> Note) {
    for key in 0..10 {
        let (numbers, name) = ((key..len).step_by(10), key.to_string());
        assert!(all.posts.get(&key).unwrap().iter().eq(numbers.clone().map(&note)), "posts");
        assert!(all.feeds.get(&name).unwrap().iter().rev().eq(numbers.clone().map(&point)), "feeds");
        assert!(all.places.get(&key).unwrap().iter().eq(numbers.clone().map(|n| (n, point(n)))), "places");
        assert!(all.tags.get(&name).unwrap().iter().eq(numbers), "tags");
    }
    all.posts.verify().and(all.feeds.verify()).and(all.places.verify()).and(all.tags.verify()).unwrap();
}

fn check_records(all: &Everything, len: u64, point: impl Fn(u64) -> Point, note: impl Fn(u64) -> Note) {
    for key in 0..10 {
        let (numbers, name) = ((key..len).step_by(10), key.to_string());
        let record = if key < 2 { (len - 1) / 1_000 * 1_000 + key } else { key };
        let (user, posts) = all.users.get_with_items(&key).unwrap();
        assert!(user == note(record) && posts.iter().eq(numbers.clone().map(&point)), "users");
        let (game, moves) = all.games.get_with_items(&name).unwrap();
        assert!(game == point(record) && moves.iter().rev().eq(numbers.clone().map(&note)), "games");
        let (shop, goods) = all.shops.get_with_items(&key).unwrap();
        assert!(shop == note(record) && goods.iter().eq(numbers.clone().map(|n| (n, note(n)))), "shops");
        let (club, members) = all.clubs.get_with_items(&name).unwrap();
        assert!(club == point(record) && members.iter().eq(numbers), "clubs");
    }
    all.users.verify().and(all.games.verify()).and(all.shops.verify()).and(all.clubs.verify()).unwrap();
}

fn verify(all: &Everything) {
    let done = all.map.verify().and(all.points.verify()).and(all.notes.verify()).and(all.queue.verify());
    let done = done.and(all.window.verify()).and(all.events.verify()).and(all.letters.verify());
    let done = done.and(all.set.verify()).and(all.hashed.verify()).and(all.spots.verify()).and(all.seen.verify());
    done.and(all.due.verify()).and(all.tickets.verify()).and(all.files.verify()).unwrap();
}

/// Sweeps within the given number of instructions. Returns `true` if nothing is old any more.
#[ic_cdk::update]
fn sweep(budget: u64) -> bool {
    let swept = Everything::with_mut(|all| all.sweep(&mut Budget::instructions(budget)));
    swept.unwrap().is_done()
}

/// Does `count` operations of a kind on numbers; what they cost is for the caller to see.
#[ic_cdk::update]
fn run(operation: String, count: u64) -> u64 {
    Everything::with_mut(|all| {
        let mut sum = 0u64;
        let at = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count;
        match operation.as_str() {
            "vec push" => (0..count).for_each(|n| all.numbers.push(n)),
            "vec get" => (0..count).for_each(|n| sum ^= all.numbers.get(at(n)).unwrap_or(0)),
            "vec set" => (0..count).for_each(|n| all.numbers.set(at(n), n)),
            "vec iterate" => sum = all.numbers.iter().fold(0, |sum, n| sum ^ n),
            "vec insert" => (0..count / 100).for_each(|n| all.numbers.insert(at(n), n)),
            "vec pop" => (0..count).for_each(|_| sum ^= all.numbers.pop().unwrap_or(0)),
            "vec clear" => all.numbers.clear(),
            "queue push" => all.due.extend((0..count).map(|n| Reverse(at(n)))),
            "queue pop" => (0..count).for_each(|_| sum ^= all.due.pop().map_or(0, |n| n.0)),
            "queue clear" => all.due.clear(),
            "log append" => all.events.extend((0..count).map(Point::of)),
            "log get" => (0..count).for_each(|n| sum ^= all.events.get(at(n)).map_or(0, |point| point.x)),
            "log drop" => all.events.drop_before(all.events.numbers().end - 1),
            "file write" => all.files.put("large", &vec![7; count as usize]),
            "file read" => sum = all.files.get("large").map_or(0, |bytes| bytes.len() as u64),
            "file remove" => sum = all.files.remove("large").into(),
            "hash insert" => all.table.extend((0..count).map(|n| (key(n), n))),
            "hash get" => (0..count).for_each(|n| sum ^= all.table.get(&key(n)).unwrap_or(0)),
            "hash scan" => sum = all.table.iter().fold(0, |sum, (key, n)| sum ^ key ^ n),
            "hash remove" => (0..count).for_each(|n| sum ^= all.table.remove(&key(n)).unwrap_or(0)),
            "hash clear" => all.table.clear(),
            "nested push" => {
                (0..count).for_each(|n| all.feeds.or_create(&(n % 100).to_string()).push_back(Point::of(n)));
            }
            "nested get" => {
                let feeds: Vec<_> = (0..100u8).map(|key| all.feeds.get(&key.to_string()).unwrap()).collect();
                (0..count).for_each(|n| sum ^= feeds[n as usize % 100].get(at(n) / 100).map_or(0, |point| point.x));
            }
            "nested one" => all.feeds.or_create("one").extend((0..count).map(Point::of)),
            "nested remove" => sum = all.feeds.remove("one").into(),
            "records insert" => (0..count).for_each(|n| drop(all.users.insert(key(n), Note::of(n)))),
            "records get" => (0..count).for_each(|n| sum ^= all.users.get(&key(n)).map_or(0, |note| note.at)),
            "records push" => {
                (0..count).for_each(|n| all.users.items_mut(&key(n % 100)).unwrap().push(Point::of(n)));
            }
            "records update" => {
                (0..count).for_each(|n| _ = all.users.update(&key(at(n)), |note| note.at += 1));
            }
            "records one" => {
                all.users.insert(7, Note::of(7));
                all.users.items_mut(&7).unwrap().extend((0..count).map(Point::of));
            }
            "records remove" => sum = all.users.remove(&7).map_or(0, |note| note.at),
            "ranked insert" => (0..count).for_each(|n| drop(all.ranked.insert(key(n), Note::of(n)))),
            "ranked nth" => (0..count).for_each(|n| sum ^= all.ranked.nth(at(n)).map_or(0, |(key, _)| key)),
            "ranked place" => (0..count).for_each(|n| sum ^= all.ranked.position(&key(n)).unwrap_or(0)),
            "nothing" => {}
            _ => unreachable!("{operation}"),
        }
        sum
    })
}

fn insert(all: &mut Everything, n: u64) {
    all.map.insert(key(n), Note::of(n));
    all.table.insert(key(n), n);
}

/// Inserts `count` entries into two maps, in transactions of `each` of them or, if that is 0, in
/// none. Fails at the end if `fails` is `true`. Returns how many are there then.
#[ic_cdk::update]
fn insert_in_transactions(count: u64, each: u64, fails: bool) -> u64 {
    if each == 0 {
        Everything::with_mut(|all| (0..count).for_each(|n| insert(all, n)));
    }
    for first in (0..count).step_by(each.max(1) as usize).filter(|_| each > 0) {
        let inserted = Everything::transaction(|all| {
            (first..first + each).for_each(|n| insert(all, n));
            if fails { Err(first) } else { Ok(()) }
        });
        assert_eq!(inserted.err(), fails.then_some(first));
    }
    Everything::with(|all| all.map.len() + all.table.len())
}

/// Returns a key that looks random.
fn key(n: u64) -> u64 {
    n.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ n >> 7
}

/// Returns the cost of a single insert in a message that inserts `count` of them: the most, and the
/// median.
#[ic_cdk::update]
fn worst(collection: String, count: u64) -> (u64, u64) {
    let mut costs = Everything::with_mut(|all| {
        let one = |n: u64| {
            let before = ic_cdk::api::performance_counter(0);
            match collection.as_str() {
                "vec" => all.numbers.push(n),
                _ => drop(all.table.insert(key(n), n)),
            }
            ic_cdk::api::performance_counter(0) - before
        };
        (0..count).map(one).collect::<Vec<_>>()
    });
    costs.sort_unstable();
    (costs.last().copied().unwrap_or(0), costs[costs.len() / 2])
}

/// Pages of memory in use.
#[ic_cdk::query]
fn pages() -> u32 {
    Everything::with(|all| all.numbers.root().pager().usage().pages)
}

ic_cdk::export_candid!();
