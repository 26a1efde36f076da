//! The rows of the bench in maps of ic-stable-structures that are kept by hand, each in a memory of
//! its own under a MemoryManager.

use std::borrow::Cow;
use std::cell::RefCell;

use bench_work::tables::{self, karma, name, turned};
use bench_work::{Row, Table, Value};
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};
use ic_stable_structures::storable::Bound;
use ic_stable_structures::{BTreeMap, BTreeSet, DefaultMemoryImpl, Storable};

type Memory = VirtualMemory<DefaultMemoryImpl>;
/// The text of a row. Looking up a `String` is 1.7 times as expensive.
type Name = [u8; 16];

/// A row without its key.
#[derive(Clone)]
struct Rest {
    karma: u64,
    name: Name,
    visits: u32,
}

impl Storable for Rest {
    const BOUND: Bound = Bound::Bounded { max_size: 28, is_fixed_size: true };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::with_capacity(28);
        bytes.extend(self.karma.to_le_bytes());
        bytes.extend(self.name);
        bytes.extend(self.visits.to_le_bytes());
        Cow::Owned(bytes)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        let (karma, rest) = bytes.split_first_chunk().expect("there are 28 bytes");
        let (name, rest) = rest.split_first_chunk().expect("there are 28 bytes");
        let visits = rest.try_into().expect("there are 28 bytes");
        Rest { karma: u64::from_le_bytes(*karma), name: *name, visits: u32::from_le_bytes(visits) }
    }
}

impl Value for Rest {
    fn of(number: u64) -> Self {
        let name = name(number).as_bytes().try_into().expect("it has 16 bytes");
        Rest { karma: karma(number), name, visits: number as u32 }
    }

    fn part(&self) -> u64 {
        self.karma + u64::from(self.name[0]) + u64::from(self.visits)
    }
}

impl Row for Rest {
    fn visit(&mut self) {
        self.visits = !self.visits;
    }

    fn turn_karma(&mut self) {
        self.karma = turned(self.karma);
    }
}

/// The map of rows, and a map for each index.
struct Bench {
    rests: BTreeMap<u64, Rest, Memory>,
    by_karma: BTreeSet<(u64, u64), Memory>,
    by_name: BTreeMap<Name, u64, Memory>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::new({
        let manager = MemoryManager::init(DefaultMemoryImpl::default());
        let memory = |id| manager.get(MemoryId::new(id));
        Bench {
            rests: BTreeMap::init(memory(0)),
            by_karma: BTreeSet::init(memory(1)),
            by_name: BTreeMap::init(memory(2)),
        }
    });
}

/// Opens all structures where Graven opens its store, so that no measured message has to.
#[ic_cdk::init]
fn init() {
    BENCH.with_borrow(|_| {});
}

impl Table for Bench {
    type Row = Rest;

    fn len(&self) -> u64 {
        self.rests.len()
    }

    fn insert(&mut self, id: u64, row: Rest) {
        assert!(self.by_karma.insert((row.karma, id)));
        assert!(self.by_name.insert(row.name, id).is_none());
        assert!(self.rests.insert(id, row).is_none());
    }

    fn upsert(&mut self, id: u64, row: Rest) -> bool {
        let (karma, name) = (row.karma, row.name);
        let old = self.rests.insert(id, row);
        if old.as_ref().is_none_or(|old| old.karma != karma) {
            old.as_ref().inspect(|old| assert!(self.by_karma.remove(&(old.karma, id))));
            assert!(self.by_karma.insert((karma, id)));
        }
        if old.as_ref().is_none_or(|old| old.name != name) {
            old.as_ref().inspect(|old| assert!(self.by_name.remove(&old.name).is_some()));
            assert!(self.by_name.insert(name, id).is_none());
        }
        old.is_some()
    }

    fn update(&mut self, id: u64, change: impl FnOnce(&mut Rest)) -> bool {
        let Some(mut row) = self.rests.get(&id) else { return false };
        change(&mut row);
        self.upsert(id, row)
    }

    fn take(&mut self, id: u64) -> bool {
        let Some(old) = self.rests.remove(&id) else { return false };
        self.by_karma.remove(&(old.karma, id)) && self.by_name.remove(&old.name).is_some()
    }

    fn see(&self, id: u64, look: impl FnOnce(&Rest)) -> bool {
        self.rests.get(&id).as_ref().map(look).is_some()
    }

    fn see_named(&self, like: &Rest, look: impl FnOnce(&Rest)) -> bool {
        self.by_name.get(&like.name).is_some_and(|id| self.see(id, look))
    }

    fn page(&self, from: &Rest, count: usize, mut look: impl FnMut(&Rest)) {
        let keys = self.by_karma.range((from.karma, 0)..).take(count);
        keys.for_each(|(_, id)| assert!(self.see(id, &mut look)));
    }

    fn alike(&self, to: &Rest, digits: usize, count: usize, mut look: impl FnMut(&Rest)) {
        self.keys_alike(to, digits, count, |id| assert!(self.see(id, &mut look)));
    }

    fn keys_alike(&self, to: &Rest, digits: usize, count: usize, mut look: impl FnMut(u64)) {
        let mut start = [0; 16];
        start[..digits].copy_from_slice(&to.name[..digits]);
        let entries = self.by_name.range(start..).take(count);
        let alike = entries.take_while(|entry| entry.key()[..digits] == to.name[..digits]);
        alike.for_each(|entry| look(entry.value()));
    }

    fn count(&self, from: &Rest, width: u64) -> u64 {
        self.by_karma.range((from.karma, 0)..(from.karma + width, 0)).count() as u64
    }

    fn overwrite(&mut self, id: u64, row: Rest) -> bool {
        self.rests.insert(id, row).is_some()
    }
}

/// The attributes that the bench's macros use.
mod cdk {
    pub use ic_cdk::{query, update};
}

fn run_on(structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    assert_eq!(structure, "table", "no other structure is here");
    BENCH.with_borrow_mut(|bench| tables::run(bench, operation, numbers))
}

bench_work::methods!(run_on);
