//! Tables of one store that refer to each other, seen as bytes.
//!
//! A table knows those that its rows refer to, so that no row refers to one that does not exist,
//! and those whose rows refer to its own, so that no removal leaves such a row behind.

use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

use graven_core::Result;
use graven_core::key::KeyBuf;
use graven_core::page::PageNumber;
use graven_core::store::links::{Links, Target};

use crate::table::entries::Entry;

/// A table, as others of its store see it.
pub(super) trait Linked {
    /// Returns its name.
    fn name(&self) -> &str;

    /// Returns the page of its root, which no other table has.
    fn page(&self) -> PageNumber;

    /// Returns `true` if a key has a row.
    fn has_row(&self, key: &KeyBuf) -> Result<bool>;

    /// Returns the tables whose rows refer to its own.
    fn referrers(&self) -> Vec<Referrer>;

    /// Adds a table whose rows refer to its own.
    fn add_referrer(&self, referrer: Referrer);

    /// Returns the name of a reference, and whether its rows go with the row that they refer to.
    fn reference(&self, at: usize) -> (&'static str, bool);

    /// Returns the keys of rows that refer to a row by a reference, at most `most`.
    fn referring(&self, at: usize, target: &KeyBuf, most: usize) -> Result<Vec<KeyBuf>>;

    /// Returns the key of a row that refers to any row by a reference.
    fn any_referring(&self, at: usize) -> Result<Option<KeyBuf>>;

    /// Returns the entries of the row of a key.
    fn entries_at(&self, key: &KeyBuf) -> Result<Vec<Entry>>;

    /// Removes a row with its entries.
    fn remove_row(&self, key: &KeyBuf, entries: &[Entry]) -> Result<()>;
}

/// A reference by which the rows of a table refer to those of another one.
#[derive(Clone)]
pub(super) struct Referrer {
    table: Weak<dyn Linked>,
    /// The position in [`Record::REFERENCES`](super::Record::REFERENCES).
    pub(super) at: usize,
}

impl Referrer {
    /// Returns the table, if its store still exists.
    pub(super) fn table(&self) -> Option<Rc<dyn Linked>> {
        self.table.upgrade()
    }
}

/// The tables that one is linked with.
#[derive(Default)]
pub(super) struct BodyLinks {
    me: OnceCell<Weak<dyn Linked>>,
    /// Those that the rows refer to, in the order of the record's references.
    targets: OnceCell<Vec<Weak<dyn Linked>>>,
    referrers: RefCell<Vec<Referrer>>,
}

impl BodyLinks {
    /// Links a table with those that it refers to, and these with it.
    pub(super) fn connect(&self, to: &[Target], me: Weak<dyn Linked>, links: &Links) {
        let mut targets = Vec::with_capacity(to.len());
        for (at, target) in to.iter().enumerate() {
            // The compiler has seen that the store has such a table.
            let Some(table) = links.find::<Weak<dyn Linked>>(target.row) else { return };
            if let Some(table) = table.upgrade() {
                table.add_referrer(Referrer { table: Weak::clone(&me), at });
            }
            targets.push(Weak::clone(table));
        }
        let _ = (self.me.set(me), self.targets.set(targets));
    }

    /// Returns the table itself, if rows of others refer to its own.
    pub(super) fn referred(&self) -> Option<Rc<dyn Linked>> {
        if self.referrers.borrow().is_empty() { None } else { self.me.get()?.upgrade() }
    }

    pub(super) fn add_referrer(&self, referrer: Referrer) {
        self.referrers.borrow_mut().push(referrer);
    }

    pub(super) fn referrers(&self) -> Vec<Referrer> {
        self.referrers.borrow().clone()
    }

    /// Returns the table that the rows refer to by the reference at a position.
    pub(super) fn target(&self, at: usize) -> Option<Rc<dyn Linked>> {
        self.targets.get()?.get(at)?.upgrade()
    }
}
