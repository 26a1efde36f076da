//! Opens the memory of a run with other releases: later ones, those whose histories were deleted
//! too early, and earlier ones.

use std::collections::BTreeSet;

use graven::schema::Rule;
use graven::{Error, Memory, Result};
use graven_random_model::Slot;

use crate::entries::{Covered, Entries};
use crate::map::{self, Map};
use crate::run::Run;

/// The release that had the memory open before.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// This one, or one that stores rows in the same way.
    Same,
    /// An earlier one.
    Earlier,
    /// This one, and then an earlier one, which changed no row. That one may have made indexes.
    TakenBack,
}

impl Before {
    /// Returns the rows that may have their entries in an index that this release has as well.
    fn possible(self, covered: &[Covered]) -> Vec<Covered> {
        let mut possible = covered.to_vec();
        if self != Before::Same && !possible.contains(&Covered::Nothing) {
            possible.push(Covered::Nothing);
        }
        if self == Before::TakenBack && !possible.contains(&Covered::All) {
            possible.push(Covered::All);
        }
        possible
    }
}

impl Run<'_> {
    /// Opens the memory with the release that had it open.
    pub(crate) fn reopen(&mut self) {
        self.open(self.release, Before::Same);
    }

    fn open(&mut self, release: usize, before: Before) {
        match self.open_as(release) {
            Ok(map) => self.opened(release, map, before),
            Err(error) => {
                panic!("release {release} does not open what release {} left: {error}", self.release)
            }
        }
    }

    /// Closes the memory, and opens it with the code of a release.
    fn open_as(&mut self, release: usize) -> Result<Box<dyn Map>> {
        self.map = None;
        map::open(self.memory.clone(), &self.releases[release], self.indexes[release].as_ref())
    }

    fn opened(&mut self, release: usize, mut map: Box<dyn Map>, before: Before) {
        for value in self.model.values_mut() {
            *value = self.history.migrate(value.clone(), self.release, release);
        }
        if let (Some(tables), Some(indexes)) = (map.tables(), &self.indexes[release]) {
            let possible = |covered: &[Covered]| before.possible(covered);
            self.tables.opened(self.history.at(release), indexes, &self.model, possible, tables);
        }
        (self.map, self.release) = (Some(map), release);
    }

    pub(crate) fn upgrade(&mut self, to: usize, early: bool) {
        if to < self.release {
            return;
        }
        self.totals.upgrades += 1;
        let forgets = self.history.genome.forgets.iter().copied();
        let forgets: Vec<usize> = forgets.filter(|at| self.release < *at && *at <= to).collect();
        for at in forgets {
            if self.map.is_none() {
                // Nothing is stored, so nothing has to be swept.
                break;
            }
            if early && self.try_early(to) {
                return;
            }
            if !self.advance((at - 1).max(self.release)) {
                return;
            }
            while !self.sweep(64) {}
        }
        self.advance(to);
    }

    /// Opens the memory with a later release. If rows break the rule of an index that is made then,
    /// this one removes them, and tries again. Returns `false` if it cannot.
    fn advance(&mut self, to: usize) -> bool {
        let in_the_way = self.in_the_way(to);
        if !in_the_way.is_empty() {
            self.is_broken(to);
            in_the_way.iter().for_each(|key| self.remove(*key));
            if !self.in_the_way(to).is_empty() {
                self.is_broken(to);
                return false;
            }
        }
        // If rows are stored as they were, all indexes stay that both releases have.
        let is_same = self.releases[to].is_same(&self.releases[self.release]);
        let before = if is_same { Before::Same } else { Before::Earlier };
        self.open(to, before);
        true
    }

    /// Returns the rows with values that others have, in the unique index that opening a release
    /// makes.
    fn in_the_way(&self, to: usize) -> BTreeSet<u64> {
        let indexes = self.indexes[to].as_ref();
        let Some(declared) = indexes.and_then(|indexes| indexes.of(Slot::AtUpgrade)) else {
            return BTreeSet::new();
        };
        let mut entries = Entries::new(declared.index.clone(), vec![Covered::All]);
        for (key, value) in &self.model {
            let value = self.history.migrate(value.clone(), self.release, to);
            entries.put(*key, self.history.at(to).values(&declared.index, &value));
        }
        entries.duplicates()
    }

    /// Opens the memory with a release that has to refuse it, since rows break the rule of an
    /// index.
    fn is_broken(&mut self, to: usize) {
        self.map = None;
        let before = self.image();
        match self.open_as(to) {
            Ok(_) => panic!("release {to} opens rows with the same value in a unique index"),
            Err(Error::Refused(report))
                if report.problems.iter().all(|problem| problem.rule == Rule::IndexBroken) =>
            {
                assert!(report.to_string().contains("`at_upgrade`"), "{report}");
                self.is_unchanged(&before);
                self.totals.broken += 1;
            }
            Err(error) => panic!("refused for another reason: {error}"),
        }
        self.reopen();
    }

    /// Opens the memory with a release whose history may have been deleted too early.
    fn try_early(&mut self, to: usize) -> bool {
        self.map = None;
        let before = self.image();
        match self.open_as(to) {
            Ok(map) => {
                self.opened(to, map, Before::Earlier);
                true
            }
            Err(error) => {
                self.is_refused(&error, &before);
                self.reopen();
                false
            }
        }
    }

    /// An older release must not open what this one has written, unless both store the same. It may
    /// open what this one has only opened, and changes no entry by that.
    pub(crate) fn downgrade(&mut self, to: usize) {
        if self.map.is_none() || to >= self.release {
            return;
        }
        if self.releases[to].is_same(&self.releases[self.release]) {
            return;
        }
        let written = self.map().current_pages();
        self.map = None;
        let before = self.image();
        match self.open_as(to) {
            Ok(map) => {
                assert_eq!(written, 0, "release {to} opens what release {} has written", self.release);
                assert_eq!(
                    map.entries().len(),
                    self.model.len(),
                    "release {to} finds another number of entries"
                );
                map.verify().unwrap();
                drop(map);
                self.totals.taken_back += 1;
                self.open(self.release, Before::TakenBack);
            }
            Err(error) => {
                self.is_refused(&error, &before);
                self.reopen();
            }
        }
    }

    fn is_refused(&mut self, error: &Error, before: &[u8]) {
        assert!(matches!(error, Error::Refused(_)), "not refused, but {error}");
        self.is_unchanged(before);
        self.totals.refused += 1;
    }

    /// Making an index may have taken memory, which is never given back.
    fn is_unchanged(&self, before: &[u8]) {
        let image = self.image();
        let (same, more) = image.split_at(before.len());
        let is_same = same == before && more.iter().all(|byte| *byte == 0);
        assert!(is_same, "something was written although the upgrade was refused");
    }

    fn image(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.memory.size() as usize * 65_536];
        self.memory.read(0, &mut bytes);
        bytes
    }
}
