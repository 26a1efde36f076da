//! The rows of the bench in maps that are kept by hand.

use bench_work::tables::{self, karma, name, turned};
use bench_work::{Row, Value};
use graven::{BTreeMap, BTreeSet, StableLayout, Text};

/// A row without its key.
#[derive(StableLayout)]
#[layout(version = 1)]
pub struct Rest {
    karma: u64,
    name: Text<16>,
    visits: u32,
}

impl Value for Rest {
    fn of(number: u64) -> Self {
        let name = Text::new(name(number)).expect("it has 16 bytes");
        Rest { karma: karma(number), name, visits: number as u32 }
    }

    fn part(&self) -> u64 {
        self.karma + self.name.len() as u64 + u64::from(self.visits)
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
pub struct ByHand<'a> {
    pub rests: &'a mut BTreeMap<u64, Rest>,
    pub by_karma: &'a mut BTreeSet<(u64, u64)>,
    pub by_name: &'a mut BTreeMap<Text<16>, u64>,
}

impl tables::Table for ByHand<'_> {
    type Row = Rest;

    fn len(&self) -> u64 {
        self.rests.len()
    }

    fn insert(&mut self, id: u64, row: Rest) {
        assert!(self.by_karma.insert((row.karma, id)));
        assert!(self.by_name.insert(row.name.clone(), id).is_none());
        assert!(self.rests.insert(id, row).is_none());
    }

    fn upsert(&mut self, id: u64, row: Rest) -> bool {
        let (karma, name) = (row.karma, row.name.clone());
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
        self.by_name.prefix(&to.name[..digits]).take(count).for_each(|(_, id)| look(id));
    }

    fn count(&self, from: &Rest, width: u64) -> u64 {
        self.by_karma.range((from.karma, 0)..(from.karma + width, 0)).count() as u64
    }

    fn overwrite(&mut self, id: u64, row: Rest) -> bool {
        self.rests.insert(id, row).is_some()
    }
}
