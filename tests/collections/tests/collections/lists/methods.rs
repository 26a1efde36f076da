//! The methods of StableVec and Deque for many values at once, against std's `Vec`: long random
//! runs with two lists in one store, with budgets, failing growth and upgrades.

use graven::progress::{Sorting, Step};
use graven::schema::encode;
use graven::{Budget, Collection, Deque, Error, Options, StableLayout, StableVec, Store, open};
use graven_tests::chains::mixed::{V1, V2, V3, V4, V5, V6};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use graven_tests::space::account;

type Memory = Limited<Bytes>;
type Heap<T> = std::vec::Vec<T>;

/// Returns a part of the values, the same in both: by their bytes.
fn is_of<T: StableLayout>(value: &T, modulus: u8, rest: u8) -> bool {
    encode(value).iter().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte)) % modulus == rest
}

fn bytes_order<T: StableLayout>(a: &T, b: &T) -> std::cmp::Ordering {
    encode(a).cmp(&encode(b))
}

macro_rules! model {
    ($Model:ident, $List:ident) => {
        struct $Model<T: StableLayout> {
            memory: Memory,
            lists: [$List<T, Memory>; 2],
            models: [Heap<T>; 2],
            starved: bool,
        }

        impl<T: SampleValue> $Model<T> {
            fn open(memory: Memory, models: [Heap<T>; 2], starved: bool) -> Self {
                let roots = [$List::<T, Memory>::SPEC.named("one"), $List::<T, Memory>::SPEC.named("two")];
                let mut store = Store::open(memory.clone(), &roots, Options::default()).unwrap();
                let lists = [$List::attach(store.take(0)), $List::attach(store.take(1))];
                $Model { memory, lists, models, starved }
            }

            fn new(starved: bool) -> Self {
                Self::open(Limited::new(Bytes::default(), u64::MAX), [Heap::new(), Heap::new()], starved)
            }

            fn upgrade<U: SampleValue + From<T>>(self) -> $Model<U> {
                self.memory.set_limit(u64::MAX);
                let models = self.models.map(|model| model.into_iter().map(U::from).collect());
                $Model::open(self.memory, models, self.starved)
            }

            fn check(&self) {
                for (list, model) in self.lists.iter().zip(&self.models) {
                    list.verify().unwrap();
                    assert_eq!(list.len(), model.len() as u64);
                    assert!(list.iter().eq(model.iter().cloned()));
                    assert!(list.iter().rev().eq(model.iter().rev().cloned()));
                }
                let stats = [self.lists[0].stats(), self.lists[1].stats()];
                account(self.lists[0].root().pager(), &stats);
            }

            /// Checks that an error is an expected lack of memory.
            fn starved<R>(&self, result: Result<R, Error>) -> Option<R> {
                match result {
                    Ok(done) => Some(done),
                    Err(Error::OutOfMemory { .. }) if self.starved => None,
                    Err(error) => panic!("{error}"),
                }
            }

            fn run(&mut self, count: u64, size: u64, rng: &mut Rng) {
                for _ in 0..count {
                    if self.starved && rng.once_in(4) {
                        self.memory.allow(0);
                    }
                    self.step(size, rng);
                    self.memory.set_limit(u64::MAX);
                    for (list, model) in self.lists.iter().zip(&self.models) {
                        assert_eq!(list.len(), model.len() as u64);
                        let index = rng.below(list.len().max(1));
                        assert_eq!(list.get(index).as_ref(), model.get(index as usize));
                    }
                }
                self.check();
            }

            fn step(&mut self, size: u64, rng: &mut Rng) {
                let which = rng.below(2) as usize;
                let budget = &mut Budget::entries(1 + rng.below(400));
                let len = self.models[which].len();
                let (a, b) = (rng.below(len as u64 + 1), rng.below(len as u64 + 1));
                let (a, b) = (a.min(b), a.max(b));
                match rng.below(13) {
                    0 => self.remove(which, a..b, rng),
                    1 => self.retain(which, a, budget, rng),
                    2 => self.dedup(which, a, budget),
                    3 => self.transfer(which, None, budget),
                    4 => self.transfer(which, Some(a), budget),
                    5 => self.rotate(which, a, budget),
                    6 => self.sort(which, rng),
                    7 if len > 0 => {
                        let (a, b) = (a.min(len as u64 - 1), b.min(len as u64 - 1));
                        if !self.starved {
                            self.lists[which].swap(a, b);
                            self.models[which].swap(a as usize, b as usize);
                        }
                    }
                    8 if rng.once_in(8) => {
                        let models = self.models.clone();
                        *self = Self::open(self.memory.clone(), models, self.starved);
                    }
                    9 if rng.once_in(3) => {
                        drop(self.lists[which].sweep(&mut Budget::pages(rng.below(4))));
                    }
                    10 if (len as u64) < size => {
                        let values: Heap<T> = (0..rng.below(300)).map(|_| T::sample(rng)).collect();
                        let extended = self.lists[which].try_extend_from_slice(&values);
                        if self.starved(extended).is_some() {
                            self.models[which].extend(values);
                        }
                    }
                    11 if (len as u64) < size => {
                        let (value, many) = (T::sample(rng), rng.below(100));
                        let more = self.models[which].len() as u64 + many;
                        let resized = self.lists[which].resize_within(more, budget, || value.clone());
                        let resized = self.starved(resized);
                        let now = self.lists[which].len() as usize;
                        assert!(resized.is_some() || now == len, "it failed with something done");
                        assert_eq!(resized.is_some_and(|step| step.is_done()), now as u64 == more);
                        self.models[which].resize(now, value);
                    }
                    12 => {
                        let less = len as u64 - rng.below(len as u64 / 8 + 1);
                        // Nothing that becomes less takes room.
                        let list = &mut self.lists[which];
                        while !list.resize_within(less, budget, || unreachable!()).unwrap().is_done() {
                            *budget = Budget::pages(1);
                        }
                        self.models[which].truncate(less as usize);
                    }
                    _ => {
                        let value = T::sample(rng);
                        let inserted = self.lists[which].try_insert(a, value.clone());
                        if self.starved(inserted).is_some() {
                            self.models[which].insert(a as usize, value);
                        }
                    }
                }
            }

            fn remove(&mut self, which: usize, range: std::ops::Range<u64>, rng: &mut Rng) {
                let (list, model) = (&mut self.lists[which], &mut self.models[which]);
                let range = range.start..range.end.min(range.start + 700);
                let there = range.start as usize..range.end as usize;
                match rng.below(3) {
                    0 => {
                        assert!(list.drain(range).eq(model.drain(there)));
                    }
                    1 => {
                        let mut next = Some(range);
                        while let Some(range) = next {
                            let (before, end) = (list.len(), range.end);
                            let step = list.remove_within(range, &mut Budget::pages(1)).unwrap();
                            assert_eq!(step.count, before - list.len());
                            assert!(step.next.as_ref().is_none_or(|left| left.end == end - step.count));
                            next = step.next;
                        }
                        model.drain(there);
                    }
                    _ => {
                        let (modulus, most) = (1 + rng.below(5) as u8, rng.below(9) as usize);
                        let taken = list.extract_if(range, |value| is_of(value, modulus, 0)).take(most);
                        let expected = model.extract_if(there, |value| is_of(value, modulus, 0)).take(most);
                        assert!(taken.eq(expected));
                    }
                }
            }

            fn retain(&mut self, which: usize, from: u64, budget: &mut Budget<'_>, rng: &mut Rng) {
                let (modulus, rest) = (2 + rng.below(7) as u8, rng.below(7) as u8);
                let (list, model) = (&mut self.lists[which], &mut self.models[which]);
                let mut asked = Heap::new();
                let step = list.retain_within(from, budget, |value| {
                    asked.push(value.clone());
                    !is_of(value, modulus, rest)
                });
                let mut end = from as usize + asked.len();
                assert_eq!(asked, model[from as usize..end], "each once and in order");
                let gone = asked.iter().filter(|value| is_of(*value, modulus, rest)).count();
                model.extract_if(from as usize..end, |value| is_of(value, modulus, rest)).for_each(drop);
                end -= gone;
                let (seen, count) = (asked.len() as u64, gone as u64);
                let next = (end < model.len()).then_some(end as u64);
                assert_eq!(step.unwrap(), Step { seen, count, next });
            }

            fn dedup(&mut self, which: usize, from: u64, budget: &mut Budget<'_>) {
                let (list, model) = (&mut self.lists[which], &mut self.models[which]);
                let key = |value: &T| encode(value).first().copied().unwrap_or(0) % 4;
                let mut next = Some(from);
                while let Some(from) = next {
                    next = list.dedup_within(from, budget, |a, b| key(a) == key(b)).unwrap().next;
                    *budget = Budget::entries(100);
                }
                let mut tail = model.split_off((from as usize).saturating_sub(1));
                tail.dedup_by(|a, b| key(a) == key(b));
                model.append(&mut tail);
            }

            fn transfer(&mut self, which: usize, at: Option<u64>, budget: &mut Budget<'_>) {
                let [one, two] = &mut self.lists;
                let (from, to) = if which == 0 { (one, two) } else { (two, one) };
                let start = at.unwrap_or(0);
                let moved = match at {
                    Some(at) => from.split_off_within(at, to, budget),
                    None => to.append_within(from, budget),
                };
                let moved = self.starved(moved);
                let (count, is_done) = moved.map_or((0, false), |moved| (moved.count, moved.is_done()));
                let there = start as usize..(start + count) as usize;
                let values: Heap<T> = self.models[which].drain(there).collect();
                self.models[1 - which].extend(values);
                let left = self.lists[which].len() - start;
                assert!(if is_done { left == 0 } else { left > 0 || moved.is_none() });
            }

            fn rotate(&mut self, which: usize, middle: u64, budget: &mut Budget<'_>) {
                let rotated = self.lists[which].rotate_within(middle, budget);
                let Some(step) = self.starved(rotated) else { return };
                let (model, len) = (&mut self.models[which], self.lists[which].len());
                // What is left to be rotated has to be rotated back in the model.
                model.rotate_left(middle as usize);
                model.rotate_right(step.next.unwrap_or(0) as usize);
                assert!(step.next.is_none_or(|left| left < len));
                assert!(step.count <= middle.min(len - middle));
            }

            fn sort(&mut self, which: usize, rng: &mut Rng) {
                let mut sorting = Sorting::default();
                for _ in 0..1 + rng.below(200) {
                    let (list, pages) = (&mut self.lists[which], 1 + rng.below(9));
                    let sorted = list.sort_within_by(&mut sorting, &mut Budget::pages(pages), bytes_order);
                    let sorted = self.starved(sorted);
                    if sorted.is_some_and(|step| step.is_done()) {
                        assert!(
                            sorting.is_done()
                                && self.lists[which].iter().is_sorted_by_key(|value| encode(&value))
                        );
                        break;
                    }
                }
                let now: Heap<T> = self.lists[which].iter().collect();
                let (mut a, mut b) = (now.clone(), core::mem::replace(&mut self.models[which], now));
                a.sort_by(bytes_order);
                b.sort_by(bytes_order);
                assert_eq!(a, b, "values are lost or there twice");
            }
        }
    };
}

model!(Vectors, StableVec);
model!(Deques, Deque);

macro_rules! chain {
    ($Model:ident, $seed:expr, $starved:expr) => {{
        let mut rng = Rng::new($seed);
        let (count, size) = (250, 2_500);
        let mut model = $Model::<V1>::new($starved);
        model.run(count, size, &mut rng);
        let mut model = model.upgrade::<V2>();
        model.run(count, size, &mut rng);
        let mut model = model.upgrade::<V3>();
        model.run(count, size, &mut rng);
        let mut model = model.upgrade::<V4>();
        model.run(count, size, &mut rng);
        let mut model = model.upgrade::<V5>();
        model.run(count, size, &mut rng);
        let mut model = model.upgrade::<V6>();
        model.run(count, size, &mut rng);
    }};
}

#[test]
fn vectors_over_upgrades() {
    chain!(Vectors, 1, false);
    chain!(Vectors, 2, false);
}

#[test]
fn deques_over_upgrades() {
    chain!(Deques, 3, false);
}

#[test]
fn vectors_with_failing_growth() {
    chain!(Vectors, 4, true);
}

#[test]
fn deques_with_failing_growth() {
    chain!(Deques, 5, true);
    chain!(Deques, 6, true);
}

/// Sorts in many calls, and in one.
fn sorts<T: SampleValue + Ord>(values: Heap<T>, pages: u64) {
    let mut expected = values.clone();
    expected.sort();
    let memory = Bytes::default();
    let mut list: StableVec<T, Bytes> = open("list", memory.clone()).unwrap();
    list.extend(values.iter().cloned());
    let (mut sorting, mut calls) = (Sorting::default(), 0);
    let mut placed = 0;
    loop {
        let step = list.sort_within(&mut sorting, &mut Budget::pages(pages)).unwrap();
        placed += step.count;
        if step.is_done() {
            break;
        }
        calls += 1;
        assert!(calls < 100_000 && !sorting.is_done());
        list = open("list", memory.clone()).unwrap();
    }
    assert!(calls > 1, "the budget is not kept to");
    assert_eq!(placed, list.len());
    list.verify().unwrap();
    assert!(list.iter().eq(expected.iter().cloned()));
    let mut deque: Deque<T, Bytes> = open("deque", Bytes::default()).unwrap();
    values.iter().for_each(|value| deque.push_front(value.clone()));
    deque.sort();
    assert!(deque.iter().eq(expected));
}

#[test]
fn many_numbers_are_sorted_in_few_pages() {
    let mut rng = Rng::new(7);
    let count = 60_000;
    sorts((0..count).map(|_| rng.any()).collect(), 8);
    sorts((0..count).map(|n| count - n).collect(), 50);
    sorts((0..count).collect(), 50);
    sorts((0..count).map(|_| rng.below(3)).collect(), 50);
    sorts((0..count).map(|_| 5u64).collect(), 50);
    sorts((0..count).map(|n| if n % 2 == 0 { n } else { count - n }).collect(), 50);
}

#[test]
fn texts_of_any_length_are_sorted() {
    let mut rng = Rng::new(8);
    sorts((0..2_000).map(|_| String::sample(&mut rng)).collect(), 40);
    sorts((0..500).map(|n| "x".repeat(((n * 37) % 50 * 130) as usize)).collect(), 40);
}

#[test]
fn a_list_that_changes_while_it_is_sorted_loses_nothing() {
    let mut rng = Rng::new(9);
    let mut list: StableVec<u64, Bytes> = open("list", Bytes::default()).unwrap();
    list.extend((0..40_000).map(|_| rng.any()));
    for len in [30_000, 10_000, 100, 0] {
        let mut sorting = Sorting::default();
        (0..9)
            .for_each(|_| assert!(!list.sort_within(&mut sorting, &mut Budget::pages(4)).unwrap().is_done()));
        list.truncate(len);
        let mut left: Heap<u64> = list.iter().collect();
        while !list.sort_within(&mut sorting, &mut Budget::pages(4)).unwrap().is_done() {}
        list.sort();
        left.sort_unstable();
        assert!(list.iter().eq(left));
        list.extend((0..25_000).map(|_| rng.any()));
    }
}

/// A budget calls the user's code. None of it runs between the push to one list and the
/// removal from the other.
#[test]
fn a_panic_while_values_move_leaves_each_in_one_list() {
    type List = StableVec<u64, Memory>;
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let roots = [List::SPEC.named("one"), List::SPEC.named("two")];
    let mut store = Store::open(memory, &roots, Options::default()).unwrap();
    let (mut one, mut two) = (List::attach(store.take(0)), List::attach(store.take(1)));
    one.extend(0..20_000);
    for at_call in (1..2_000).step_by(97) {
        let mut calls = 0;
        let mut more = || {
            calls += 1;
            assert!(calls < at_call, "enough");
            true
        };
        let stopped = caught(|| two.append_within(&mut one, &mut Budget::while_true(&mut more)));
        assert!(stopped.is_err() || one.is_empty());
        assert!(two.iter().chain(one.iter()).eq(0..20_000), "at call {at_call}");
    }
    assert!(!two.is_empty());
    one.verify().unwrap();
    two.verify().unwrap();
}
