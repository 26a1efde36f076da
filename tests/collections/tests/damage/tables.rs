//! Tables whose rows or indexes are damaged: no operation panics or runs for ever, and the
//! collection beside them stays whole.

use graven::table::IndexState;
use graven::{BTreeMap, Budget, Error, Options, Result, Schema, StableLayout, Table};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, Metered, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
#[table(index(country, karma))]
struct Row {
    #[table(key, auto)]
    id: u64,
    #[table(unique)]
    email: String,
    #[table(index)]
    karma: u64,
    country: u8,
    #[table(index(each))]
    tags: Vec<String>,
    note: Vec<u8>,
}

#[graven::store]
struct App {
    rows: Table<Row, Metered>,
    other: BTreeMap<u64, Vec<u8>, Metered>,
}

/// Reads and writes that an operation may do.
const ACCESSES: u64 = 100_000;

const OTHERS: u64 = 60;

fn row(id: u64, rng: &mut Rng) -> Row {
    let tags = (0..rng.below(4)).map(|_| format!("tag {}", rng.below(9))).collect();
    let note =
        vec![7; if rng.once_in(6) { 3_000 + rng.below(6_000) as usize } else { rng.below(90) as usize }];
    let (karma, country) = (rng.below(50), rng.below(4) as u8);
    Row {
        id,
        email: format!("{}@{}", rng.any(), "x".repeat(rng.below(40) as usize)),
        karma,
        country,
        tags,
        note,
    }
}

/// Returns a memory whose table and other collection take pages in turns.
fn sound() -> Vec<u8> {
    let memory = Bytes::default();
    let mut app = open(&memory).unwrap();
    let mut rng = Rng::new(1);
    for n in 0..300 {
        app.rows.insert(row(0, &mut rng)).unwrap();
        if n < OTHERS {
            app.other.insert(n, vec![n as u8; 1_000 + (n as usize % 3) * 2_000]);
        }
        if n % 5 == 0 {
            app.rows.remove(&(n / 2)).unwrap();
        }
    }
    image(&memory)
}

fn open(memory: &Bytes) -> Result<App> {
    App::open_with(Metered::new(memory.clone(), 20 * ACCESSES), Options::default())
}

/// Returns the pages of the rows and of the indexes: their roots, nodes and overflow pages.
fn pages(image: &[u8]) -> Vec<usize> {
    let page = |at: usize| &image[at * PAGE_SIZE..(at + 1) * PAGE_SIZE];
    let word =
        |at: usize, offset: usize| u32::from_le_bytes(page(at)[offset..offset + 4].try_into().unwrap());
    let all = 1..word(0, 32) as usize;
    let is_root = |at: &usize| page(*at)[0] == 3 && page(*at)[64..].starts_with(b"rows");
    let roots: Vec<usize> = all.clone().filter(is_root).collect();
    assert_eq!(roots.len(), 5, "the rows and four indexes");
    let owner = |at: usize| match page(at)[0] {
        2 => word(at, 12) as usize,
        1 => word(at, 20) as usize,
        _ => 0,
    };
    all.filter(|at| roots.contains(at) || roots.contains(&owner(*at))).collect()
}

/// Changes a few bytes of a page, most of them in its header and among its slots.
fn damage(image: &mut [u8], page: usize, rng: &mut Rng) {
    for _ in 0..=rng.below(3) {
        let end = [64, 400, PAGE_SIZE][rng.below(3) as usize];
        let at = page * PAGE_SIZE + rng.below(end as u64) as usize;
        image[at] = match rng.below(3) {
            0 => image[at] ^ 1 << rng.below(8),
            1 => image[at].wrapping_add(1),
            _ => rng.any() as u8,
        };
    }
}

fn any(app: &mut App, rng: &mut Rng) -> Result<()> {
    let id = rng.below(320);
    match rng.below(45) / 4 {
        0 => app.rows.try_insert(row(0, rng)).map(drop),
        1 => app.rows.try_upsert(row(id, rng)).map(drop),
        2 => app.rows.try_update(&id, |row| row.karma += 1).map(drop),
        3 => app.rows.try_update(&id, |row| row.note.push(1)).map(drop),
        4 => app.rows.try_remove(&id).map(drop),
        5 => {
            let mut found = app.rows.try_by(Row::BY_KARMA)?.range(rng.below(50)..).rows();
            while found.try_next()?.is_some() {}
            Ok(())
        }
        6 => {
            let mut found = app.rows.try_by(Row::BY_TAGS)?.prefix("tag").entries();
            while found.try_next_back()?.is_some() {}
            Ok(())
        }
        7 => app.rows.try_by(Row::BY_COUNTRY_KARMA)?.prefix(&(1_u8,)).page(None, 50).map(drop),
        8 => app.rows.try_by(Row::BY_EMAIL)?.try_get("nobody").map(drop),
        9 => app.sweep(&mut Budget::pages(20)).map(drop),
        10 => app.rows.try_index_state(Row::BY_EMAIL).map(|state| assert!(state != state_of_nobody())),
        _ => app.rows.try_clear(),
    }
}

/// A state that no index has.
fn state_of_nobody() -> IndexState {
    IndexState::Incomplete { done: u64::MAX, rows: u64::MAX }
}

#[track_caller]
fn is_whole(app: &App, seed: u64) {
    app.other.verify().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    for n in 0..OTHERS {
        let expected = vec![n as u8; 1_000 + (n as usize % 3) * 2_000];
        assert!(app.other.get(&n) == Some(expected), "seed {seed}: entry {n} of the other collection");
    }
}

#[test]
fn damaged_tables_are_errors_and_leave_others_alone() {
    let mutants: u64 = std::env::var("GRAVEN_MUTANTS").map_or(4_000, |count| count.parse().unwrap());
    let sound = sound();
    let pages = pages(&sound);
    let (mut refused, mut failed, mut done) = (0, 0, 0);
    for seed in 0..mutants {
        let rng = &mut Rng::new(seed + 1);
        let mut image = sound.clone();
        damage(&mut image, pages[rng.below(pages.len() as u64) as usize], rng);
        let memory = memory_of(&image);
        let Ok(mut app) = open(&memory) else {
            refused += 1;
            continue;
        };
        for _ in 0..12 {
            match caught(|| any(&mut app, rng)) {
                Ok(Ok(()) | Err(Error::Violation(_) | Error::IndexIncomplete(_))) => done += 1,
                Ok(Err(_)) => failed += 1,
                Err(panic) => panic!("seed {seed}: {panic}"),
            }
        }
        // Free pages are used, whatever was freed.
        for n in 0..20 {
            app.other.insert(1_000 + n, vec![9; 3_000]);
        }
        is_whole(&app, seed);
    }
    println!("{mutants} mutants: {refused} not opened, {failed} operations failed, {done} were done");
    assert!(refused > 0 && failed > mutants / 3 && done > mutants, "{refused}, {failed}, {done}");
}

/// The sweep came back to rows that it had been at, for ever.
#[test]
fn rows_out_of_order_were_indexed_again_and_again() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    struct Before {
        #[table(key)]
        id: u64,
        name: String,
    }

    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        id: u64,
        #[table(index)]
        name: String,
    }

    let memory = Bytes::default();
    let mut rows: Table<Before> = graven::open("rows", memory.clone()).unwrap();
    (0..100).for_each(|id| _ = rows.insert(Before { id, name: format!("{id}") }).unwrap());
    let mut image = image(&memory);
    let is_leaf = |page: &&[u8]| page[..2] == [2, 0] && page[2] >= 90;
    let leaf = image.chunks(PAGE_SIZE).position(|page| is_leaf(&page)).unwrap() * PAGE_SIZE;
    // The last row of the second batch of 32 is that of the first.
    let slot = |slot: usize| leaf + 32 + 2 * slot;
    image.copy_within(slot(31)..slot(32), slot(63));
    let memory = Metered::new(memory_of(&image), 20 * ACCESSES);
    let mut rows: Table<Row, Metered> = graven::open("rows", memory).unwrap();
    let swept = caught(|| graven::Collection::sweep(&mut rows, &mut Budget::pages(u64::MAX)));
    assert!(matches!(swept, Ok(Err(Error::Damaged { .. }))), "{swept:?}");
}

/// The next batch began with a time before the last one, since no row could be removed.
#[test]
fn times_out_of_order_were_expired_again_and_again() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    #[table(expires = until)]
    struct Session {
        #[table(key)]
        id: String,
        #[table(references(Session))]
        next: Option<String>,
        until: u64,
        text: String,
    }

    #[graven::store]
    struct App {
        sessions: Table<Session, Metered>,
    }

    let memory = Bytes::default();
    let mut app = App::open(Metered::new(memory.clone(), u64::MAX)).unwrap();
    let session = |id: u64, next: Option<u64>| Session {
        id: format!("{id}"),
        next: next.map(|next| format!("{next}")),
        until: id,
        text: "text".repeat(50),
    };
    (0..100).for_each(|id| _ = app.sessions.insert(session(id, None)).unwrap());
    (0..100).for_each(|id| _ = app.sessions.upsert(session(id, Some((id + 1) % 100))).unwrap());
    let image = image(&memory);
    let is_leaf = |page: &[u8]| page[..2] == [2, 0] && page[2] >= 90;
    let leaves = image.chunks(PAGE_SIZE).enumerate().filter(|(_, page)| is_leaf(page));
    let mut refused = 0;
    for leaf in leaves.map(|(at, _)| at * PAGE_SIZE) {
        let mut image = image.clone();
        let slot = |slot: usize| leaf + 32 + 2 * slot;
        image.copy_within(slot(31)..slot(32), slot(63));
        let mut app = App::open(Metered::new(memory_of(&image), 100 * ACCESSES)).unwrap();
        let expired = caught(|| app.sessions.try_expire(1_000, &mut Budget::pages(u64::MAX)));
        let expired = expired.expect("it ends");
        refused += u32::from(matches!(expired, Err(Error::Damaged { .. })));
    }
    assert!(refused > 0);
}

/// The first row of a walk is one that a look-up does not find.
#[test]
fn the_first_row_out_of_order_was_removed_again_and_again() {
    #[derive(StableLayout, Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        id: String,
    }

    let memory = Bytes::default();
    let mut rows: Table<Row> = graven::open("rows", memory.clone()).unwrap();
    (100..200).for_each(|id| _ = rows.insert(Row { id: format!("{id}") }).unwrap());
    let mut image = image(&memory);
    let is_leaf = |page: &[u8]| page[..2] == [2, 0] && page[2] >= 90;
    let leaf = image.chunks(PAGE_SIZE).position(is_leaf).unwrap() * PAGE_SIZE;
    let slots = &mut image[leaf + 32..leaf + 32 + 2 * 100];
    let (first, last) = slots.split_at_mut(2 * 99);
    first[..2].swap_with_slice(last);
    let memory = Metered::new(memory_of(&image), 20 * ACCESSES);
    let mut rows: Table<Row, Metered> = graven::open("rows", memory).unwrap();
    let kept = caught(|| rows.try_keep_last(0, &mut Budget::pages(u64::MAX)));
    assert!(matches!(kept, Ok(Err(Error::Damaged { .. }))), "{kept:?}");
}
