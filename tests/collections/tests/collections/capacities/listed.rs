//! Lists.

use std::collections::VecDeque;

use graven::{Budget, Collection, Deque, Log, StableVec, open};
use graven_tests::memory::Bytes;

use super::values::{Numbered, fixed, record};
use super::{Order, ROOM, lengths};

/// The values of each list.
const VALUES: u64 = 32;

/// A list of values.
trait Listed: Collection<Memory = Bytes> {
    type Value: Numbered;

    fn insert(&mut self, index: u64, value: Self::Value);
    fn set(&mut self, index: u64, value: Self::Value);
    fn remove(&mut self, index: u64) -> Option<Self::Value>;
    fn all(&self) -> Vec<Self::Value>;
    fn check(&self);
}

macro_rules! list {
    ($list:ident, |$it:ident, $index:ident| $remove:expr) => {
        impl<V: Numbered> Listed for $list<V> {
            type Value = V;

            fn insert(&mut self, index: u64, value: V) {
                self.insert(index, value);
            }

            fn set(&mut self, index: u64, value: V) {
                self.set(index, value);
            }

            fn remove(&mut self, $index: u64) -> Option<V> {
                let $it = self;
                $remove
            }

            fn all(&self) -> Vec<V> {
                self.iter().collect()
            }

            fn check(&self) {
                self.verify().unwrap();
            }
        }
    };
}

list!(StableVec, |it, index| it.try_remove(index).unwrap());
list!(Deque, |it, index| it.remove(index));

/// A list, its model, and its memory.
struct Life<C: Listed> {
    memory: Bytes,
    list: C,
    model: VecDeque<C::Value>,
}

impl<C: Listed> Life<C> {
    fn new() -> Self {
        let memory = Bytes::default();
        Life { list: open("it", memory.clone()).unwrap(), memory, model: VecDeque::new() }
    }

    /// Opens the same memory again, as the same type or with the next version of its values.
    fn reopen<N: Listed>(self) -> Life<N>
    where
        N::Value: From<C::Value>,
    {
        let Life { memory, list, model } = self;
        drop(list);
        let model = model.into_iter().map(Into::into).collect();
        Life { list: open("it", memory.clone()).unwrap(), memory, model }
    }

    /// Inserts values of a length, at the end, at the beginning, or anywhere. Every eighth one is
    /// too large for a page if `overflows` is set.
    fn fill(&mut self, order: Order, salt: u64, len: usize, overflows: bool) {
        for (at, number) in order.numbers(VALUES).into_iter().enumerate() {
            let len = if overflows && number % 8 == 3 { 5_000 } else { len };
            let index = match order {
                Order::Ascending => self.model.len() as u64,
                Order::Descending => 0,
                Order::Random => number * 7 % (self.model.len() as u64 + 1),
            };
            let value = C::Value::of(number + salt, len);
            self.list.insert(index, value.clone());
            self.model.insert(index as usize, value);
            self.check(at);
        }
        self.compare();
    }

    /// Replaces the values at every `step`th index.
    fn set(&mut self, order: Order, step: u64, salt: u64, len: usize) {
        let there = self.model.len() as u64;
        for (at, number) in order.numbers(VALUES).into_iter().enumerate() {
            if number % step == 0 && number < there {
                let value = C::Value::of(number + salt, len);
                self.list.set(number, value.clone());
                self.model[number as usize] = value;
                self.check(at);
            }
        }
        self.compare();
    }

    /// Removes values until `left` of them are left.
    fn shrink(&mut self, order: Order, left: usize) {
        let mut at = 0;
        while self.model.len() > left {
            let index = match order {
                Order::Ascending => 0,
                Order::Descending => self.model.len() - 1,
                Order::Random => at * 5 % self.model.len(),
            };
            assert_eq!(self.list.remove(index as u64), self.model.remove(index), "{index}");
            at += 1;
            self.check(at);
        }
        self.compare();
    }

    /// Checks the structure after some operations.
    fn check(&self, at: usize) {
        if at.is_multiple_of(5) {
            self.list.check();
        }
    }

    fn compare(&self) {
        self.list.check();
        assert!(self.list.all().into_iter().eq(self.model.iter().cloned()));
    }

    fn sweep(&mut self) {
        while !self.list.sweep(&mut Budget::pages(1)).unwrap() {
            self.compare();
        }
        self.compare();
    }
}

/// Fills, overwrites, shrinks, refills and empties a list of values of a length.
fn live<C: Listed>(len: usize, overflows: bool) {
    for order in Order::ALL {
        let mut life = Life::<C>::new();
        life.fill(order, 0, len, overflows);
        life = life.reopen();
        life.set(order, 1, 100, len.saturating_sub(1));
        life.set(order, 3, 200, len + 1);
        life = life.reopen();
        life.shrink(Order::Random, 9);
        life.fill(Order::Random, 300, len, overflows);
        life = life.reopen();
        life.shrink(order, 0);
        life.fill(order, 400, len, overflows);
    }
}

/// Changes and sweeps a list with values of two versions side by side.
fn upgrade<Old: Listed, New: Listed>(len: usize, overflows: bool)
where
    New::Value: From<Old::Value>,
{
    for order in Order::ALL {
        let mut life = Life::<Old>::new();
        life.fill(order, 0, len, overflows);
        let mut life: Life<New> = life.reopen();
        life.set(order, 4, 100, len);
        life.fill(Order::Random, 200, len, overflows);
        life.shrink(Order::Random, 40);
        life = life.reopen();
        life.sweep();
        life.set(order, 1, 300, len.saturating_sub(2));
        life.shrink(order, 0);
    }
}

/// Bytes of a page that holds nothing but an array.
const ARRAY: usize = 4_080;

#[test]
fn vectors_hold_values_of_any_length() {
    for len in lengths(6) {
        live::<StableVec<Vec<u8>>>(len, len % 2 == 0);
        upgrade::<StableVec<record::V1>, StableVec<record::V2>>(len, len % 2 == 1);
    }
}

#[test]
fn vectors_hold_fixed_values_of_any_length() {
    live::<StableVec<[u8; 2_030]>>(0, false);
    live::<StableVec<[u8; ROOM / 3 - 2]>>(0, false);
    // From here on leaves are arrays.
    live::<StableVec<[u8; ARRAY / 4 + 1]>>(0, false);
    live::<StableVec<[u8; ARRAY / 4]>>(0, false);
    live::<StableVec<[u8; ARRAY / 4 - 4]>>(0, false);
    live::<StableVec<[u8; ARRAY / 5]>>(0, false);
    live::<StableVec<[u8; ARRAY / 8 + 1]>>(0, false);
    upgrade::<StableVec<fixed::V1<{ ROOM / 3 - 2 }>>, StableVec<fixed::V2<{ ROOM / 3 - 2 }>>>(0, false);
    upgrade::<StableVec<fixed::V1<800>>, StableVec<fixed::V2<800>>>(0, false);
}

#[test]
fn deques_hold_values_of_any_length() {
    for len in lengths(6) {
        live::<Deque<Vec<u8>>>(len, len % 2 == 0);
    }
    live::<Deque<[u8; ROOM / 3 - 2]>>(0, false);
    live::<Deque<[u8; ARRAY / 4]>>(0, false);
    upgrade::<Deque<fixed::V1<800>>, Deque<fixed::V2<800>>>(0, false);
}

/// Appends values to a log, drops the oldest ones, opens the log again and appends more.
fn log<V: Numbered>(len: usize, overflows: bool) {
    let memory = Bytes::default();
    let (mut log, mut model): (Log<V>, _) = (open("it", memory.clone()).unwrap(), VecDeque::new());
    for number in 0..4 * VALUES {
        let len = if overflows && number % 8 == 3 { 5_000 } else { len };
        let value = V::of(number, len);
        assert_eq!(log.append(value.clone()), number);
        model.push_back(value);
        if number % 11 == 10 {
            let dropped = model.len() / 2;
            model.drain(..dropped);
            log.drop_before(number + 1 - model.len() as u64);
        }
        if number % 16 == 15 {
            drop(log);
            log = open("it", memory.clone()).unwrap();
        }
        log.verify().unwrap();
    }
    assert!(log.iter().eq(model.iter().cloned()));
}

#[test]
fn logs_hold_values_of_any_length() {
    for len in lengths(6) {
        log::<Vec<u8>>(len, len % 2 == 0);
    }
    log::<[u8; 2_030]>(0, false);
    log::<[u8; ROOM / 3 - 2]>(0, false);
    log::<[u8; ARRAY / 4]>(0, false);
    log::<[u8; ARRAY / 8]>(0, false);
}
