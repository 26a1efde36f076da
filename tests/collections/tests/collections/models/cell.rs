//! Cell beside an `Option`.

use graven::{Budget, Cell, Collection, Result};
use graven_core::page::Pager;
use graven_tests::rng::Rng;

use super::life::{Life, Memory, Version, opened};
use super::steps::Act;

/// A cell and its model.
pub struct Model<T> {
    memory: Memory,
    cell: Cell<T, Memory>,
    model: Option<T>,
}

impl<T: Version> Life for Model<T> {
    fn new(memory: Memory) -> Self {
        let cell = opened(&memory);
        Model { memory, cell, model: None }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        match act.what {
            0..40 => {
                let value = T::sample(rng);
                self.cell.try_set(&value)?;
                self.model = Some(value);
            }
            40..42 => assert_eq!(self.cell.take(), self.model.take()),
            _ => assert_eq!(self.cell.try_get()?, self.model),
        }
        Ok(())
    }

    fn reopen(&mut self) {
        self.cell = opened(&self.memory);
    }

    fn is_last(&self) -> bool {
        T::LAST
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        let Model { memory, model, .. } = *self;
        let cell: Cell<T::Next, Memory> = opened(&memory);
        Box::new(Model { memory, cell, model: model.map(T::Next::from) })
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.cell.sweep(budget)
    }

    fn check(&self) {
        assert_eq!(self.cell.try_get().unwrap(), self.model);
    }

    fn pager(&self) -> &Pager<Memory> {
        self.cell.root().pager()
    }
}
