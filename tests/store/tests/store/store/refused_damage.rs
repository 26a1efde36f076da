//! An upgrade that drops, renames and adds roots of a damaged memory either succeeds or writes
//! nothing.

use graven::schema::RootSpec;
use graven::{BTreeMap, Cell, Collection, Options, Store};
use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_tests::memory::{Bytes, Metered, image, memory_of};
use graven_tests::panics::{caught, last_place};
use graven_tests::rng::Rng;

type Map = BTreeMap<u64, Vec<u8>, Metered>;
type Value = Cell<Vec<u8>, Metered>;

/// The free space around the roots that go.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Room {
    /// The memory has more pages than are used.
    Unused,
    /// All of it is used.
    Full,
    /// Scattered free pages, so that overflow pages form many extents.
    Pieces,
}

/// Returns a memory of some detached trees, two roots to be dropped and one to be renamed.
fn sound(room: Room) -> Vec<u8> {
    let bytes = Bytes::default();
    let specs = [Map::SPEC.named("map"), Value::SPEC.named("cell"), Map::SPEC.named("kept")];
    let mut store = Store::open(Metered::new(bytes.clone(), u64::MAX), &specs, Options::default()).unwrap();
    let (mut map, mut cell) = (Map::attach(store.take(0)), Value::attach(store.take(1)));
    (0..30).for_each(|n| _ = map.insert(n, vec![1; 1_000]));
    map.clear();
    (0..60).for_each(|n| _ = map.insert(n, vec![1; if n % 10 == 0 { 9_000 } else { 600 }]));
    let mut kept = Map::attach(store.take(2));
    (0..20).for_each(|n| _ = kept.insert(n, vec![3; 10]));
    let pager = map.root().pager().clone();
    if room == Room::Pieces {
        let pages: Vec<PageNumber> = (0..30).map(|_| pager.allocate().unwrap()).collect();
        pages.iter().step_by(2).for_each(|page| pager.free(*page).unwrap());
    }
    cell.set(vec![2; 20_000]);
    let left = || pager.usage().memory_bytes / 4_096 - u64::from(pager.usage().pages - pager.usage().free);
    while room != Room::Unused && left() > 0 {
        pager.allocate().unwrap();
    }
    image(&bytes)
}

/// Upgrades with fewer free pages than needed. Returns `true` if the upgrade succeeds.
fn upgrade(bytes: &[u8]) -> Result<bool, String> {
    let memory = memory_of(bytes);
    let added = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let added = added.map(|name| BTreeMap::<String, u64, Metered>::SPEC.named(name));
    let specs: Vec<RootSpec> =
        [Map::SPEC.named("kept again").renamed(&["kept"])].into_iter().chain(added).collect();
    let metered = Metered::new(memory.clone(), 10_000);
    let opened =
        caught(|| Store::open_dropping(metered, &specs, &["map", "cell"], Options::default()).map(drop));
    match opened.map_err(|panic| format!("{panic} at {}", last_place()))? {
        Ok(()) => Ok(true),
        Err(_)
            if image(&memory)
                .strip_prefix(bytes)
                .is_some_and(|grown| grown.iter().all(|byte| *byte == 0)) =>
        {
            Ok(false)
        }
        Err(error) => Err(format!("something was written: {error}")),
    }
}

/// Returns the offsets of structure in a page.
fn structure(image: &[u8], page: usize) -> Vec<usize> {
    let bytes = &image[page * PAGE_SIZE..][..PAGE_SIZE];
    let cells = usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
    match bytes[0] {
        _ if page == 0 => (32..76).collect(),
        1 => (0..24).collect(),
        2 => (0..44).chain(cells..(cells + 12).min(PAGE_SIZE)).collect(),
        3 => (0..70).chain(320..400).collect(),
        4 => (0..40).collect(),
        5 => (0..100).collect(),
        _ => Vec::new(),
    }
}

fn try_all(room: Room) {
    let (mut image, rng) = (sound(room), &mut Rng::new(1));
    assert_eq!(upgrade(&image), Ok(true));
    let used = u32::from_le_bytes([image[32], image[33], image[34], image[35]]) as usize;
    let mut refused = 0;
    for page in 0..used {
        for at in structure(&image, page) {
            let place = page * PAGE_SIZE + at;
            let sound = image[place];
            for bad in [0, 0xff, sound ^ 1, sound.wrapping_add(3), rng.any() as u8] {
                image[place] = bad;
                let result = upgrade(&image);
                let done =
                    result.unwrap_or_else(|why| panic!("byte {at} of page {page}: {sound} → {bad}: {why}"));
                refused += u32::from(!done);
            }
            image[place] = sound;
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn with_room_that_was_never_used() {
    try_all(Room::Unused);
}

#[test]
fn with_room_in_what_goes_only() {
    try_all(Room::Full);
}

#[test]
fn with_chains_of_many_extents() {
    try_all(Room::Pieces);
}
