//! Ensures that one store at a time uses a memory. Each store has its own counters and cached
//! nodes, so two would overwrite each other's entries. The store that opens a memory last may use
//! it. An older one no longer finds any page.
//!
//! Clones of a memory have only their content in common. Two memories are the same if a byte that
//! is written through one is read through the other. The byte is restored at once.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use ic_stable_structures::Memory;

use crate::page::{PAGE_SIZE, Pager, SharedPages};

/// The number of bytes at the beginning of two memories that are compared before anything is
/// written. They nearly always differ.
const COMPARED: usize = 72;

/// The last byte of page 0, which has no meaning.
const PROBED: u64 = PAGE_SIZE as u64 - 1;

/// The memory of an open store.
trait OpenMemory {
    fn size(&self) -> u64;
    fn read(&self, at: u64, out: &mut [u8]);
    fn supersede(&self);
}

impl<M: Memory> OpenMemory for SharedPages<M> {
    fn size(&self) -> u64 {
        self.memory().size()
    }

    fn read(&self, at: u64, out: &mut [u8]) {
        self.memory().read(at, out);
    }

    fn supersede(&self) {
        SharedPages::supersede(self);
    }
}

thread_local! {
    static OPEN: RefCell<Vec<Weak<dyn OpenMemory>>> = const { RefCell::new(Vec::new()) };
}

/// Registers a store as the one in use, and supersedes an older one on the same memory.
pub(super) fn register<M: Memory + 'static>(pager: &Pager<M>) {
    OPEN.with_borrow_mut(|open| {
        open.retain(|store| {
            let Some(older) = store.upgrade() else { return false };
            let is_same = is_same(&*older, pager.memory());
            if is_same {
                older.supersede();
            }
            !is_same
        });
        let shared: Rc<dyn OpenMemory> = pager.shared().clone();
        open.push(Rc::downgrade(&shared));
    });
}

fn is_same(open: &dyn OpenMemory, memory: &impl Memory) -> bool {
    if open.size() != memory.size() {
        return false;
    }
    let (mut ours, mut theirs) = ([0; COMPARED], [0; COMPARED]);
    memory.read(0, &mut ours);
    open.read(0, &mut theirs);
    if ours != theirs {
        return false;
    }
    let (mut before, mut seen) = ([0], [0]);
    memory.read(PROBED, &mut before);
    memory.write(PROBED, &[!before[0]]);
    open.read(PROBED, &mut seen);
    memory.write(PROBED, &before);
    seen[0] == !before[0]
}
