//! Measures the maps of ic-stable-structures in replica instructions, under a MemoryManager as people use
//! them; `speed-graven` has the same methods.

use std::cell::RefCell;

use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};
use ic_stable_structures::{BTreeMap, DefaultMemoryImpl};

type Managed = VirtualMemory<DefaultMemoryImpl>;
type Numbers = BTreeMap<u64, u64, Managed>;
type Digests = BTreeMap<[u8; 32], [u8; 128], Managed>;

thread_local! {
    static MANAGER: RefCell<MemoryManager<DefaultMemoryImpl>> =
        RefCell::new(MemoryManager::init(DefaultMemoryImpl::default()));
    static NUMBERS: RefCell<Numbers> =
        RefCell::new(BTreeMap::init(MANAGER.with_borrow(|manager| manager.get(MemoryId::new(0)))));
    static DIGESTS: RefCell<Digests> =
        RefCell::new(BTreeMap::init(MANAGER.with_borrow(|manager| manager.get(MemoryId::new(1)))));
}

include!("../../speed.rs");

fn numbers<R>(f: impl FnOnce(&mut Numbers) -> R) -> R {
    NUMBERS.with_borrow_mut(f)
}

fn digests<R>(f: impl FnOnce(&mut Digests) -> R) -> R {
    DIGESTS.with_borrow_mut(f)
}

fn pairs(map: &mut Numbers) -> impl Iterator<Item = (u64, u64)> {
    map.iter().map(|entry| (*entry.key(), entry.value()))
}

fn digest_pairs(map: &mut Digests) -> impl Iterator<Item = ([u8; 32], [u8; 128])> {
    map.iter().map(|entry| (*entry.key(), entry.value()))
}
