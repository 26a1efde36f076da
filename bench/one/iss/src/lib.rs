//! One map of ic-stable-structures', under a MemoryManager: its wasm's size is compared with
//! Graven's.

use std::borrow::Cow;
use std::cell::RefCell;

use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};
use ic_stable_structures::storable::Bound;
use ic_stable_structures::{BTreeMap, DefaultMemoryImpl, Storable};

type Entries = BTreeMap<u64, Record, VirtualMemory<DefaultMemoryImpl>>;

struct Record {
    count: u64,
    sum: u64,
}

impl Storable for Record {
    const BOUND: Bound = Bound::Bounded { max_size: 16, is_fixed_size: true };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned([self.count.to_le_bytes(), self.sum.to_le_bytes()].concat())
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        let number =
            |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("there are 16 bytes"));
        Record { count: number(0), sum: number(8) }
    }
}

thread_local! {
    static MANAGER: RefCell<MemoryManager<DefaultMemoryImpl>> =
        RefCell::new(MemoryManager::init(DefaultMemoryImpl::default()));
    static ENTRIES: RefCell<Entries> =
        RefCell::new(BTreeMap::init(MANAGER.with_borrow(|manager| manager.get(MemoryId::new(0)))));
}

fn record(count: u64) -> Record {
    Record { count, sum: count }
}

fn entries<R>(f: impl FnOnce(&mut Entries) -> R) -> R {
    ENTRIES.with_borrow_mut(f)
}

include!("../../methods.rs");
