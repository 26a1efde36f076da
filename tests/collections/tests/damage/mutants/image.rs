//! The store that is damaged: two collections of each type of a kind, a third one that was cleared,
//! and others, which no mutant touches. It has extents of many pages and of one, free pages, and
//! detached trees.

use graven::{
    BTreeMap, BTreeSet, Cell, Collection, Deque, HashMap, Log, Options, PriorityQueue, StableVec, Store,
};
use graven_core::store::RootSpec;
use graven_tests::memory::{Bytes, Metered, image};
use graven_tests::ownership::{Owner, Ownership};
use graven_tests::rng::Rng;

use super::subject::{GENERATIONS, Member, Shape, shape};

/// The type of the last root: what is put into it after the operations has to be there.
pub type Neighbour = BTreeMap<u64, Vec<u8>, Metered>;

/// Names of roots, of which a store takes as many as it needs.
const NAMES: [&str; 26] = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u",
    "v", "w", "x", "y", "z",
];

/// Types that are in every store, once each.
fn others() -> Vec<Shape> {
    vec![
        shape::<BTreeSet<u64, Metered>>(),
        shape::<HashMap<u64, Vec<u8>, Metered>>(),
        shape::<StableVec<u64, Metered>>(),
        shape::<Deque<Vec<u8>, Metered>>(),
        shape::<Log<u64, Metered>>(),
        shape::<PriorityQueue<u64, Metered>>(),
        shape::<Cell<Vec<u8>, Metered>>(),
        shape::<Neighbour>(),
    ]
}

/// A sound image of a store.
pub struct Stored {
    /// Its bytes.
    pub image: Vec<u8>,
    /// The owners of its pages.
    pub pages: Ownership,
    /// Its roots in order, with the newest declarations; the last one is the neighbour.
    pub roots: Vec<(RootSpec, Shape)>,
    /// The first `victims` roots are those that mutants damage.
    pub victims: usize,
    /// A hash of each root's contents.
    pub contents: Vec<u64>,
}

impl Stored {
    /// Makes the image of a store with collections of these types.
    pub fn of(shapes: &[Shape]) -> Self {
        let victims: Vec<Shape> = shapes.iter().flat_map(|shape| [*shape; 3]).collect();
        let shapes: Vec<Shape> = victims.iter().copied().chain(others()).collect();
        let (bytes, rng) = (Bytes::default(), &mut Rng::new(3));
        scatter(&bytes, &shapes);
        for generation in 0..GENERATIONS {
            let mut store = open(&bytes, &shapes, generation);
            for (index, shape) in shapes.iter().enumerate() {
                (shape.fill[generation])(store.take(index), generation, rng);
            }
        }
        let mut store = open(&bytes, &shapes, GENERATIONS - 1);
        gather(&mut store, shapes.len() - 1);
        // The first of the others, too: not every collection can be cleared.
        for index in (2..victims.len()).step_by(3).chain([victims.len()]) {
            (shapes[index].detach)(store.take(index));
        }
        drop(store);
        let image = image(&bytes);
        let specs = specs(&shapes, GENERATIONS - 1);
        let mut stored = Stored {
            pages: Ownership::of(&image),
            image,
            roots: specs.into_iter().zip(shapes).collect(),
            victims: victims.len(),
            contents: Vec::new(),
        };
        stored.contents = stored.members(&bytes).iter().map(|member| member.whole().unwrap()).collect();
        stored.check();
        stored
    }

    fn members(&self, bytes: &Bytes) -> Vec<Box<dyn Member>> {
        let shapes: Vec<Shape> = self.roots.iter().map(|(_, shape)| *shape).collect();
        let mut store = open(bytes, &shapes, GENERATIONS - 1);
        shapes.iter().enumerate().map(|(index, shape)| (shape.attach)(store.take(index))).collect()
    }

    /// Checks that the image has the pages that mutants are made from.
    fn check(&self) {
        let has = |fits: &dyn Fn(Owner) -> bool| self.pages.headed(fits).next().is_some();
        assert!(has(&|owner| owner == Owner::Free), "no page is free");
        assert!(has(&|owner| matches!(owner, Owner::Detached(_))), "no tree is detached");
    }
}

/// The declarations of a generation.
fn specs(shapes: &[Shape], generation: usize) -> Vec<RootSpec> {
    assert!(shapes.len() <= NAMES.len());
    shapes.iter().zip(NAMES).map(|(shape, name)| shape.specs[generation].named(name)).collect()
}

fn open(bytes: &Bytes, shapes: &[Shape], generation: usize) -> Store<Metered> {
    let memory = Metered::new(bytes.clone(), u64::MAX);
    Store::open(memory, &specs(shapes, generation), Options::default()).unwrap()
}

/// Leaves free pages that are not side by side, so that large values are chains of several extents.
fn scatter(bytes: &Bytes, shapes: &[Shape]) {
    let mut store = open(bytes, shapes, 0);
    let mut neighbour = Neighbour::attach(store.take(shapes.len() - 1));
    for key in 1_000..1_060 {
        neighbour.insert(key, vec![1; 3_000]);
    }
    for key in (1_000..1_060).step_by(2) {
        neighbour.remove(&key);
    }
}

/// Gives free pages back, so that no detached tree is taken apart for the entries that follow.
fn gather(store: &mut Store<Metered>, index: usize) {
    let mut neighbour = Neighbour::attach(store.take(index));
    for key in (1_001..1_060).step_by(2) {
        neighbour.remove(&key);
    }
}
