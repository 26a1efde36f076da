//! Slab beside std's map, with ids that are never given twice.

use std::collections::BTreeMap as Std;

use graven::{Budget, Collection, Result, Slab};
use graven_core::page::Pager;
use graven_tests::rng::Rng;

use super::life::{Life, Memory, Version, opened};
use super::steps::Act;

/// A slab and its model.
pub struct Model<T> {
    memory: Memory,
    slab: Slab<T, Memory>,
    model: Std<u64, T>,
    given: u64,
}

impl<T: Version> Life for Model<T> {
    fn new(memory: Memory) -> Self {
        let slab = opened(&memory);
        Model { memory, slab, model: Std::new(), given: 0 }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let any = act.at % (self.given + 1);
        let id = self.model.range(any..).next().map_or(any, |(id, _)| *id);
        match act.what {
            0..40 => {
                let value = T::sample(rng);
                let id = self.slab.try_insert(value.clone())?;
                assert_eq!(id, self.given, "ids rise by one");
                self.given += 1;
                self.model.insert(id, value);
            }
            40..60 => assert_eq!(self.slab.try_remove(id)?, self.model.remove(&id)),
            60..80 => assert_eq!(self.slab.try_get(id)?.as_ref(), self.model.get(&id)),
            80..95 => {
                let value = T::sample(rng);
                let old = self.slab.try_replace(id, value.clone())?;
                assert_eq!(old.as_ref(), self.model.get(&id));
                self.model.entry(id).and_modify(|old| *old = value);
            }
            95 if rng.once_in(100) => {
                self.slab.clear();
                self.model.clear();
            }
            _ => assert_eq!(self.slab.try_get(any)?.as_ref(), self.model.get(&any)),
        }
        assert_eq!((self.slab.len(), self.slab.next_id()), (self.model.len() as u64, self.given));
        Ok(())
    }

    fn reopen(&mut self) {
        self.slab = opened(&self.memory);
    }

    fn is_last(&self) -> bool {
        T::LAST
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        let Model { memory, model, given, .. } = *self;
        let slab: Slab<T::Next, Memory> = opened(&memory);
        let model = model.into_iter().map(|(id, value)| (id, value.into())).collect();
        Box::new(Model { memory, slab, model, given })
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.slab.sweep(budget)
    }

    fn check(&self) {
        self.slab.verify().unwrap();
        assert!(self.slab.iter().eq(self.model.iter().map(|(id, value)| (*id, value.clone()))));
    }

    fn pager(&self) -> &Pager<Memory> {
        self.slab.root().pager()
    }
}
