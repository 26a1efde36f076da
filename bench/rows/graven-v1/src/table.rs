//! The table of the bench.

use bench_work::tables::{self, karma, name, turned};
use bench_work::{Row, Value};
use graven::{StableLayout, Table, Text};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
pub struct User {
    #[table(key)]
    id: u64,
    #[table(index)]
    karma: u64,
    #[table(unique)]
    name: Text<16>,
    visits: u32,
}

impl Value for User {
    fn of(number: u64) -> Self {
        let name = Text::new(name(number)).expect("it has 16 bytes");
        User { id: number, karma: karma(number), name, visits: number as u32 }
    }

    fn part(&self) -> u64 {
        self.karma + self.name.len() as u64 + u64::from(self.visits)
    }
}

impl Row for User {
    fn visit(&mut self) {
        self.visits = !self.visits;
    }

    fn turn_karma(&mut self) {
        self.karma = turned(self.karma);
    }
}

/// The table, which the bench's trait can be implemented for.
pub struct Users<'a>(pub &'a mut Table<User>);

impl tables::Table for Users<'_> {
    type Row = User;

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn insert(&mut self, id: u64, row: User) {
        assert_eq!(self.0.insert(row), Ok(id));
    }

    fn upsert(&mut self, _id: u64, row: User) -> bool {
        self.0.upsert(row).expect("the name is not taken").is_some()
    }

    fn update(&mut self, id: u64, change: impl FnOnce(&mut User)) -> bool {
        self.0.update(&id, change).expect("the name is not taken").is_some()
    }

    fn take(&mut self, id: u64) -> bool {
        self.0.remove(&id).is_ok_and(|row| row.is_some())
    }

    fn see(&self, id: u64, look: impl FnOnce(&User)) -> bool {
        self.0.get(&id).as_ref().map(look).is_some()
    }

    fn see_named(&self, like: &User, look: impl FnOnce(&User)) -> bool {
        self.0.by(User::BY_NAME).get(&*like.name).as_ref().map(look).is_some()
    }

    fn page(&self, from: &User, count: usize, mut look: impl FnMut(&User)) {
        let rows = self.0.by(User::BY_KARMA).range(from.karma..).rows();
        rows.take(count).for_each(|row| look(&row));
    }

    fn alike(&self, to: &User, digits: usize, count: usize, mut look: impl FnMut(&User)) {
        let rows = self.0.by(User::BY_NAME).prefix(&to.name[..digits]).rows();
        rows.take(count).for_each(|row| look(&row));
    }

    fn keys_alike(&self, to: &User, digits: usize, count: usize, look: impl FnMut(u64)) {
        self.0.by(User::BY_NAME).prefix(&to.name[..digits]).keys().take(count).for_each(look);
    }

    fn count(&self, from: &User, width: u64) -> u64 {
        self.0.by(User::BY_KARMA).range(from.karma..from.karma + width).count()
    }
}
