//! A collection as the tests see it.

use std::hash::{DefaultHasher, Hasher};

use graven::{Collection, Result, StableLayout};
use graven_core::store::{Root, RootSpec};
use graven_tests::chains::mixed::{V1, V2, V4};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use graven_tests::steps::verify_in_steps;

/// The root of a collection in the store of the tests.
pub type Place = Root<Metered>;

/// Keys are of numbers below this.
pub const KEYS: u64 = 60;

/// A collection that is damaged, or that stays whole.
pub trait Subject: Collection<Memory = Metered> + 'static {
    /// The operations. One whose name ends in `!` has no form that returns an error: it panics with
    /// the error's words.
    const OPERATIONS: &'static [&'static str];

    /// Puts entries in. There are several generations, each with a newer layout of values if it has
    /// several.
    fn fill(&mut self, generation: usize, rng: &mut Rng);

    /// Does an operation several times. Continues after an error, and returns one of them.
    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()>;

    /// Removes everything, where the collection can.
    fn empty(&mut self) {}

    /// Adds all that it holds, in its order.
    fn read(&self, contents: &mut Contents) -> Result<()>;

    /// Checks its structure.
    fn check(&self) -> Result<()>;
}

/// Everything that a collection holds, as one number.
#[derive(Default)]
pub struct Contents(DefaultHasher);

impl Contents {
    /// Adds a key or a number.
    pub fn key(&mut self, key: &impl std::fmt::Debug) {
        self.bytes(format!("{key:?}").as_bytes());
    }

    /// Adds a value.
    pub fn value(&mut self, value: &impl StableLayout) {
        self.bytes(&graven_core::layout::encode(value));
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.write_usize(bytes.len());
        self.0.write(bytes);
    }

    /// Returns the number.
    pub fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// A subject of any type.
pub trait Member {
    /// The page of its root.
    fn root(&self) -> u32;

    /// Its operations.
    fn operations(&self) -> &'static [&'static str];

    /// Does one of them.
    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()>;

    /// Checks its structure. Returns everything that it holds, as one number.
    fn whole(&self) -> Result<u64>;

    /// Checks its structure at once, and in steps.
    fn verdicts(&self, rng: &mut Rng) -> (Result<()>, Result<()>);
}

impl<S: Subject> Member for S {
    fn root(&self) -> u32 {
        Collection::root(self).page().get()
    }

    fn operations(&self) -> &'static [&'static str] {
        S::OPERATIONS
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        Subject::act(self, operation, rng)
    }

    fn whole(&self) -> Result<u64> {
        let mut contents = Contents::default();
        self.check()?;
        self.read(&mut contents)?;
        Ok(contents.finish())
    }

    fn verdicts(&self, rng: &mut Rng) -> (Result<()>, Result<()>) {
        (self.check(), verify_in_steps(self, rng))
    }
}

/// Generations of entries.
pub const GENERATIONS: usize = 3;

/// A type of collections, with one for each generation of its values.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The newest type, without paths.
    pub name: fn() -> String,
    /// The declarations, which have no names yet.
    pub specs: [RootSpec; GENERATIONS],
    /// Puts the entries of a generation in.
    pub fill: [fn(Place, usize, &mut Rng); GENERATIONS],
    /// Empties one, and puts few entries in.
    pub detach: fn(Place),
    /// The collection of the newest type.
    pub attach: fn(Place) -> Box<dyn Member>,
}

/// Collections whose values always have the same layout.
pub fn shape<S: Subject>() -> Shape {
    versions::<S, S, S>()
}

/// Collections whose values have another layout in each generation.
pub fn versions<A: Subject, B: Subject, C: Subject>() -> Shape {
    fn fill<S: Subject>(place: Place, generation: usize, rng: &mut Rng) {
        S::attach(place).fill(generation, rng);
    }
    fn detach<S: Subject>(place: Place) {
        let mut subject = S::attach(place);
        subject.empty();
        subject.fill(1, &mut Rng::new(9));
    }
    Shape {
        name: || without_paths(std::any::type_name::<C>()),
        specs: [A::SPEC, B::SPEC, C::SPEC],
        fill: [fill::<A>, fill::<B>, fill::<C>],
        detach: detach::<C>,
        attach: |place| Box::new(C::attach(place)),
    }
}

/// The name of a type: of each path the last part.
fn without_paths(name: &str) -> String {
    let parts = name.split_inclusive(|c: char| !c.is_alphanumeric() && !"_:".contains(c));
    parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
}

/// Entries that are put in: many at first, few of each newer layout.
pub fn entries(generation: usize) -> u64 {
    if generation == 0 { KEYS * 2 / 3 } else { 4 }
}

/// A value, which now and then is too large for a node.
pub trait Value: SampleValue {
    /// One that is too large, if there is any.
    fn large(rng: &mut Rng) -> Self {
        Self::sample(rng)
    }

    /// Any of them.
    fn any(rng: &mut Rng) -> Self {
        if rng.once_in(6) { Self::large(rng) } else { Self::sample(rng) }
    }
}

impl Value for u64 {}
impl Value for V1 {}
impl Value for V2 {}
impl<const N: usize> Value for [u8; N] {}

impl Value for Vec<u8> {
    fn large(rng: &mut Rng) -> Self {
        let len = 2_100 + rng.below(9_000);
        rng.bytes(len as usize)
    }
}

impl Value for V4 {
    fn large(rng: &mut Rng) -> Self {
        V4 { d: Vec::large(rng), ..V4::sample(rng) }
    }
}

/// Does something `times` times, errors or not. Returns one of the errors.
pub fn each(times: u64, mut act: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let mut last = Ok(());
    for time in 0..times {
        let result = act(time);
        if result.is_err() {
            last = result;
        }
    }
    last
}

/// Reads what an iterator gives, to its end.
pub fn walk<T>(mut next: impl FnMut() -> Result<Option<T>>) -> Result<()> {
    while next()?.is_some() {}
    Ok(())
}
