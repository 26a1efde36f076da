//! Vec, Deque and Log beside std's `VecDeque`: the model that the tests of lists have, step by
//! step.

use std::collections::VecDeque;

use graven::{Budget, Result};
use graven_collection_tests::lists::{List, Model, Op};
use graven_core::page::Pager;
use graven_tests::rng::Rng;

use super::life::{Life, Memory, Version, opened};
use super::steps::Act;

fn model<L, T>(memory: Memory, list: L, model: VecDeque<T>) -> Model<L, T> {
    Model { memory, list, model, ops: 0, starved: true }
}

/// Returns the operation of a log; a log lacks the other operations.
fn of_log(act: &Act, len: u64) -> Op {
    match act.what {
        0..40 => Op::PushBack,
        40..60 => Op::DropFront(act.at % 4),
        60..90 => Op::Get(act.at % (len + 1)),
        90 if act.seed.is_multiple_of(200) => Op::DropFront(len),
        _ => Op::Range(act.at % (len + 1), act.at % (len + 1) + act.at % 12),
    }
}

fn of_others(act: &Act, len: u64) -> Op {
    let at = act.at % (len + 1);
    match act.what {
        0..20 => Op::PushBack,
        20..30 => Op::PushFront,
        30..40 => Op::Insert(at),
        40..47 => Op::PopBack,
        47..54 => Op::PopFront,
        54..60 => Op::Remove(at),
        60..75 => Op::Get(at),
        75..90 => Op::Set(at),
        90 if act.seed.is_multiple_of(40) => Op::Truncate(len - at % 300),
        90 if act.seed.is_multiple_of(201) => Op::Clear,
        _ => Op::Range(at, at + act.at % 12),
    }
}

impl<L: List<T, Memory = Memory>, T: Version> Life for Model<L, T> {
    fn new(memory: Memory) -> Self {
        let list = opened(&memory);
        model(memory, list, VecDeque::new())
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let len = self.model.len() as u64;
        let op = if L::IS_LOG { of_log(act, len) } else { of_others(act, len) };
        self.try_step(&op, rng)
    }

    fn reopen(&mut self) {
        self.list = opened(&self.memory);
    }

    fn is_last(&self) -> bool {
        T::LAST
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        let Model { memory, model: values, .. } = *self;
        let list: L::Of<T::Next> = opened(&memory);
        Box::new(model(memory, list, values.into_iter().map(T::Next::from).collect()))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.list.sweep(budget)
    }

    fn check(&self) {
        self.check();
    }

    fn pager(&self) -> &Pager<Memory> {
        self.list.root().pager()
    }
}
