//! Slab against std's map, with ids that are never given twice.

use std::collections::BTreeMap as Std;

use graven::{Budget, Collection, Error, Slab, open};
use graven_tests::chains::mixed::{V1, V2, V3, V4};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use graven_tests::space::account;

type Memory = Limited<Bytes>;

struct Model<T> {
    memory: Memory,
    slab: Slab<T, Memory>,
    model: Std<u64, T>,
    given: u64,
}

impl<T: SampleValue> Model<T> {
    fn upgrade<U: SampleValue + From<T>>(self) -> Model<U> {
        let Model { memory, slab, model, given } = self;
        drop(slab);
        let slab = open("slab", memory.clone()).unwrap();
        Model {
            memory,
            slab,
            model: model.into_iter().map(|(id, value)| (id, value.into())).collect(),
            given,
        }
    }

    fn run(mut self, count: u64, rng: &mut Rng) -> Self {
        for _ in 0..count {
            if rng.once_in(7) {
                self.memory.allow(0);
            }
            match self.step(rng) {
                Ok(()) | Err(Error::OutOfMemory { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            self.memory.set_limit(u64::MAX);
            assert_eq!(self.slab.len(), self.model.len() as u64);
        }
        self.slab.verify().unwrap();
        assert!(self.slab.iter().eq(self.model.iter().map(|(id, value)| (*id, value.clone()))));
        self
    }

    fn step(&mut self, rng: &mut Rng) -> Result<(), Error> {
        let id = rng.below(self.given + 1);
        match rng.below(20) {
            0..9 => {
                let value = T::sample(rng);
                let id = self.slab.try_insert(value.clone())?;
                assert_eq!(id, self.given, "ids rise by one");
                self.given += 1;
                self.model.insert(id, value);
            }
            9..13 => assert_eq!(self.slab.try_remove(id)?, self.model.remove(&id)),
            13..16 => {
                let value = T::sample(rng);
                let old = self.slab.try_replace(id, value.clone())?;
                assert_eq!(old.as_ref(), self.model.get(&id));
                self.model.entry(id).and_modify(|old| *old = value);
            }
            16 => drop(self.slab.sweep(&mut Budget::pages(1))?),
            17 if rng.once_in(20) => self.slab = open("slab", self.memory.clone())?,
            18 if rng.once_in(400) => {
                self.slab.clear();
                self.model.clear();
            }
            _ => assert_eq!(self.slab.try_get(id)?.as_ref(), self.model.get(&id)),
        }
        Ok(())
    }
}

#[test]
fn random_runs_over_upgrades_with_failing_growth() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let slab = open("slab", memory.clone()).unwrap();
    let mut rng = Rng::new(1);
    let model = Model::<V1> { memory, slab, model: Std::new(), given: 0 }.run(20_000, &mut rng);
    let model = model.upgrade::<V2>().run(10_000, &mut rng);
    let model = model.upgrade::<V3>().run(10_000, &mut rng);
    let mut model = model.upgrade::<V4>().run(10_000, &mut rng);
    while !model.slab.sweep(&mut Budget::pages(5)).unwrap() {}
    model.slab.verify().unwrap();
    account(model.slab.root().pager(), &[model.slab.stats()]);
}
